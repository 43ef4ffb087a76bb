/**
 * What Evergate has to reach, beside bare Fastify and its peers in the same run, and the floors that `npm run bench:check`
 * holds it to. A floor is a little below what the last whole run measured (bench/results), or below the goal where that is reached.
 */
import type { Figures } from './report/figures.ts';

export interface Goal {
  readonly what: string;
  /** The figure; null when it was not measured. */
  measure(figures: Figures): number | null;
  readonly unit: '×' | 'µs' | 'ms' | 'MiB' | 'KiB';
  readonly goal: number;
  /** What must not be passed; as `goal`, a least or a most. */
  readonly floor: number;
  readonly is: 'at least' | 'at most';
}

const US = 'Evergate';
const BARE = 'bare Fastify';

/** A figure of ours in a case, as so many times another's. */
const times =
  (what: string, name: string, to: string = BARE) =>
  (figures: Figures) =>
    figures.ratio(what, name, US, to);

/** What a figure of ours adds to having no gateway, as so many times what bare Fastify adds. */
const added = (what: string, name: string) => (figures: Figures) => {
  const [mine, bare, direct] = [US, BARE, 'direct stdio'].map(target => figures.get(what, target, name));
  if (mine == null || bare == null || direct == null) return null;
  return (mine - direct) / (bare - direct);
};

const atLeast = (what: string, goal: number, floor: number, measure: Goal['measure']): Goal => ({
  ...{ what, goal, floor, measure, unit: '×', is: 'at least' },
});
const atMost = (
  what: string,
  unit: Goal['unit'],
  goal: number,
  floor: number,
  measure: Goal['measure'],
): Goal => ({ what, unit, goal, floor, measure, is: 'at most' });

export const GOALS: readonly Goal[] = [
  atLeast('calls/s, 64 in flight, to bare Fastify', 0.85, 0.75, times('echo-64', 'callsPerSecond')),
  atLeast('calls/s, 64 in flight, to mcp-proxy', 8, 8, times('echo-64', 'callsPerSecond', 'mcp-proxy')),
  atLeast(
    'calls/s, 64 in flight, to supergateway',
    10,
    8,
    times('echo-64', 'callsPerSecond', 'supergateway'),
  ),
  atMost('CPU per call, 64 in flight, to bare Fastify', '×', 1.25, 1.25, times('echo-64', 'gatewayUs')),
  atLeast(
    'calls/s, HTTP+SSE front, to supergateway',
    4,
    2.1,
    times('sse-64', 'callsPerSecond', 'supergateway, SSE front'),
  ),
  atMost('added p50, one client, to bare Fastify', '×', 1.3, 1.5, added('echo-1', 'p50Us')),
  atMost('p99, 16 in flight, to bare Fastify', '×', 1.3, 1.5, times('echo-16', 'p99Us')),
  atLeast('calls/s, results of 1 MB, to bare Fastify', 0.85, 0.75, times('results-8', 'callsPerSecond')),
  atMost('CPU per result of 1 MB', 'ms', 1.5, 1.8, figures =>
    inMs(figures.get('results-8', US, 'gatewayUs')),
  ),
  atLeast('calls/s, arguments of 1 MB, to bare Fastify', 0.85, 0.6, times('arguments-8', 'callsPerSecond')),
  atMost('memory after minutes at full load', 'MiB', 150, 165, figures => figures.get('soak', US, 'rssMib')),
  atMost('its growth over these minutes', 'MiB', 5, 15, figures => figures.get('soak', US, 'growthMib')),
  atMost('memory of a service at rest', 'KiB', 0.2, 0.3, figures => figures.get('services', US, 'kibEach')),
  atMost('memory of an idle stream', 'KiB', 14, 17.5, figures => figures.get('streams', US, 'kibEach')),
  atMost('CPU per stream and event', 'µs', 25, 40, figures => figures.get('streams', US, 'eventUs')),
  atMost('CPU per call to one of 100,000 services, to the only one', '×', 1, 1.1, figures =>
    figures.ratio('route', 'gatewayUs', 'one of many', 'the only one'),
  ),
  atMost('time until it listens, to bare Fastify', '×', 1.5, 1.8, times('boot', 'bootMs')),
  atMost('memory after boot', 'MiB', 75, 80, figures => figures.get('boot', US, 'rssMib')),
];

function inMs(us: number | null): number | null {
  return us === null ? null : us / 1000;
}

/** Whether a value is no worse than a bound. */
export function isWithin({ is }: Goal, value: number, bound: number): boolean {
  return is === 'at least' ? value >= bound : value <= bound;
}
