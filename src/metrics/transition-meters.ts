/** What the bus of committed transitions tells, in numbers. */
import { statePath } from '../actors/journal.ts';
import type { Committed, LiveServices } from '../actors/live.ts';
import { Histogram, START_BUCKETS_MS } from './histogram.ts';

/** Whence a service comes that is new. */
const NOWHERE = 'none';
const STARTING = 'Pending.Starting';

/** `cancelled`: it was stopped, restarted or removed before it was ready, or the gateway itself was restarted. */
export const START_OUTCOMES = ['success', 'failure', 'cancelled'] as const;
type StartOutcome = (typeof START_OUTCOMES)[number];

export class TransitionMeters {
  /** Records, by the state they led from and to; at most one entry per pair of states. */
  readonly transitions = new Map<string, { readonly from: string; readonly to: string; count: number }>();
  /** Starts that are over, by how they ended. */
  readonly starts: Readonly<Record<StartOutcome, Histogram>> = {
    success: new Histogram(START_BUCKETS_MS),
    failure: new Histogram(START_BUCKETS_MS),
    cancelled: new Histogram(START_BUCKETS_MS),
  };
  /** Starts that nobody asked for: recoveries. */
  restarts = 0;
  /** Transitions that did not happen because they could not be written. */
  unwritten = 0;

  constructor(events: LiveServices['events']) {
    events.on('registered', ({ to }) => this.#count(NOWHERE, statePath(to)));
    events.on('transition', transition => this.#take(transition));
    events.on('unwritten', () => {
      this.unwritten++;
    });
  }

  #take({ from, to, event }: Committed): void {
    const [fromPath, toPath] = [statePath(from), statePath(to)];
    this.#count(fromPath, toPath);
    this.restarts += to.context.restarts - from.context.restarts;
    if (fromPath !== STARTING || toPath === STARTING) return;
    this.starts[outcomeOf(event.type)].observe(event.at - from.context.since);
  }

  #count(from: string, to: string): void {
    const key = `${from} ${to}`;
    const entry = this.transitions.get(key);
    if (entry === undefined) this.transitions.set(key, { from, to, count: 1 });
    else entry.count++;
  }
}

function outcomeOf(event: string): StartOutcome {
  if (event === 'start succeeded') return 'success';
  return event === 'start failed' ? 'failure' : 'cancelled';
}
