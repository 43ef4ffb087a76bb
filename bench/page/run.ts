/**
 * `npm run bench:page`: whether the page stays quick, and what it costs the gateway, while many services change their state all
 * the time. The same is measured in turn with nobody reading, with the list open, and with one service open; what the page
 * costs is the difference. Writes bench/results/page.md; exit code 1 if a goal is missed.
 *
 * Flags: --services <n>, --seconds <n> of each reading, --rounds <n>. With other values than the defaults nothing is written.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../../test/e2e/support/chromium.ts';
import { type Figure, median, ms, say, table } from '../log/figures.ts';
import { type BenchGateway, build, ROOT, startBenchGateway } from '../log/gateway.ts';
import { cpuUs } from '../machine/processes.ts';
import { type Reading, readPage } from './reader.ts';
import { expectedRate, FLAGS, startServices, transitions } from './services.ts';

const DEFAULTS = { services: '1000', seconds: '25', rounds: '2' };
const { values } = parseArgs({
  options: {
    services: { type: 'string', default: DEFAULTS.services },
    seconds: { type: 'string', default: DEFAULTS.seconds },
    rounds: { type: 'string', default: DEFAULTS.rounds },
  },
});
const services = Number(values.services);
const windowMs = Number(values.seconds) * 1000;

/** What is open meanwhile; null: nothing. */
const SCENES: Readonly<Record<string, { readonly hash: string; readonly keys: readonly string[] } | null>> = {
  nobody: null,
  list: { hash: '', keys: ['ArrowDown', 'PageDown', 'ArrowUp'] },
  service: { hash: '#/services/tenant-0001', keys: ['ArrowLeft', 'ArrowLeft', 'ArrowRight'] },
};

interface Sample {
  /** Of one core. */
  readonly gatewayPercent: number;
  readonly perSecond: number;
  readonly reading: Reading | null;
}

const work = mkdtempSync(join(tmpdir(), 'evergate-bench-page-'));
say('building …');
build();
const gateway = await startBenchGateway(work, ...FLAGS);
const browser = await startBrowser();
try {
  say(`starting ${services} services …`);
  await startServices(gateway, services);
  const samples = await measure(gateway, browser);
  const figures = figuresOf(samples);
  const text = `${heading(samples)}\n\n${table(figures)}\n`;
  process.stdout.write(text);
  if (Object.entries(DEFAULTS).every(([name, value]) => values[name as keyof typeof DEFAULTS] === value))
    write(text);
  process.exitCode = figures.every(({ isMet }) => isMet) ? 0 : 1;
} finally {
  await browser.close();
  await gateway.end('SIGTERM');
  rmSync(work, { recursive: true, force: true });
}

type Samples = ReadonlyMap<string, readonly Sample[]>;

async function measure(gateway: BenchGateway, browser: Browser): Promise<Samples> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, scene] of Object.entries(SCENES)) {
      say(`${name} …`);
      const before = { cpu: cpuUs(gateway.pid), count: await transitions(gateway), at: performance.now() };
      const reading =
        scene === null
          ? await new Promise<null>(resolve => setTimeout(resolve, windowMs, null))
          : await readPage(browser, `${gateway.url}/ui${scene.hash}`, { keys: scene.keys, ms: windowMs });
      const spentMs = performance.now() - before.at;
      const sample = {
        gatewayPercent: ((cpuUs(gateway.pid) - before.cpu) / 1000 / spentMs) * 100,
        perSecond: ((await transitions(gateway)) - before.count) / (spentMs / 1000),
        reading,
      };
      samples.set(name, [...(samples.get(name) ?? []), sample]);
    }
  }
  return samples;
}

function figuresOf(samples: Samples): Figure[] {
  const of = (name: string, value: (sample: Sample) => number) =>
    median((samples.get(name) ?? []).map(value));
  const alone = of('nobody', ({ gatewayPercent }) => gatewayPercent);
  return ['list', 'service'].flatMap(name => {
    const read = (value: (reading: Reading) => number) =>
      of(name, ({ reading }) => (reading === null ? Number.NaN : value(reading)));
    const cost = of(name, ({ gatewayPercent }) => gatewayPercent) - alone;
    const rate = of(name, ({ perSecond }) => perSecond);
    const long = read(({ longTasks }) => longTasks) / (windowMs / 10_000);
    const longest = read(({ longestMs }) => longestMs);
    const key = read(({ keyMs }) => keyMs);
    const first = read(({ firstRowMs }) => firstRowMs);
    return [
      figure(`${name}: transitions per second`, rate.toFixed(0), '≥ 45', rate >= 45 * (services / 1000)),
      figure(
        `${name}: what the page costs the gateway, of one core`,
        `${cost.toFixed(1)} %`,
        '< 5 %',
        cost < 5,
      ),
      figure(`${name}: from a key to the picture, 95 %`, ms(key), '≤ 100 ms', key <= 100),
      figure(`${name}: tasks above 50 ms, in ten seconds`, long.toFixed(1), '≤ 1', long <= 1),
      figure(`${name}: the longest task`, ms(longest), '≤ 200 ms', longest <= 200),
      figure(
        `${name}: the page's own thread, of one core`,
        `${read(({ pagePercent }) => pagePercent).toFixed(0)} %`,
        '< 50 %',
        read(({ pagePercent }) => pagePercent) < 50,
      ),
      figure(`${name}: first service on the screen`, ms(first), '≤ 2000 ms', first <= 2000),
    ];
  });
}

function figure(what: string, measured: string, goal: string, isMet: boolean): Figure {
  return { what, measured, goal, isMet };
}

function heading(samples: Samples): string {
  const alone = median((samples.get('nobody') ?? []).map(({ gatewayPercent }) => gatewayPercent));
  return [
    '# The page under load',
    `\`npm run bench:page\` on ${availableParallelism()} cores, Node ${process.versions.node}, Chromium ${browser.version()} ` +
      `without a GPU: ${services} services with a process each, of which ${expectedRate(services).toFixed(0)} a second change ` +
      `their state. With nobody reading the gateway used ${alone.toFixed(1)} % of a core for them. Medians of ` +
      `${values.rounds} readings of ${values.seconds} s, in turn.`,
  ].join('\n\n');
}

function write(text: string): void {
  mkdirSync(join(ROOT, 'bench/results'), { recursive: true });
  writeFileSync(join(ROOT, 'bench/results/page.md'), text);
}
