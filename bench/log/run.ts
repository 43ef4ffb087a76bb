/**
 * `npm run bench:log`: what a long past costs. Fills a log, and measures a gateway over it next to one over an empty log.
 * Prints the figures and writes them to bench/results/log.md; exit code 1 if a goal is missed.
 *
 * Flags: --services <n> and --records <n> for another size, --only boot,requests,verify,storm,fleet,soak for some of it (then nothing
 * is written).
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fillLog } from '../../test/support/filled-log.ts';
import { benchBoot } from './boot.ts';
import { count, type Figure, say, table } from './figures.ts';
import { benchFirstRequest } from './first-request.ts';
import { benchFleet } from './fleet.ts';
import { build, ROOT } from './gateway.ts';
import { benchSoak } from './soak.ts';
import { benchStorm } from './storm.ts';
import { benchVerify } from './verify.ts';

/** Where a sync costs nothing: the soak is about memory and size. */
const SHARED_MEMORY = '/dev/shm';
const PARTS = ['boot', 'requests', 'verify', 'storm', 'fleet', 'soak'];

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '100000' },
    records: { type: 'string', default: '1000000' },
    only: { type: 'string', default: PARTS.join() },
  },
});
const services = Number(values.services);
const records = Number(values.records);
const parts = new Set(values.only.split(','));

const work = mkdtempSync(join(tmpdir(), 'evergate-bench-'));
const soakDir = mkdtempSync(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'evergate-soak-'));
try {
  const figures = await measure();
  const text = `${heading()}\n\n${table(figures)}\n`;
  process.stdout.write(text);
  if (PARTS.every(part => parts.has(part))) write(text);
  process.exitCode = figures.every(({ isMet }) => isMet) ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
  rmSync(soakDir, { recursive: true, force: true });
}

async function measure(): Promise<Figure[]> {
  const [empty, full] = [join(work, 'empty'), join(work, 'full')];
  say('building …');
  build();
  if (parts.has('boot') || parts.has('requests') || parts.has('verify')) {
    say(`filling a log with ${count(records)} records of ${count(services)} services …`);
    await fillLog(full, { services, records });
  }
  const figures: Figure[] = [];
  if (parts.has('boot')) figures.push(...(await benchBoot(empty, full)));
  if (parts.has('requests')) figures.push(...(await benchFirstRequest(full, services)));
  if (parts.has('verify')) figures.push(...(await benchVerify(full)));
  if (parts.has('storm')) figures.push(...(await benchStorm(join(work, 'storm'))));
  if (parts.has('fleet')) figures.push(...(await benchFleet(work)));
  if (parts.has('soak')) figures.push(...(await benchSoak(soakDir, services, records)));
  return figures;
}

function heading(): string {
  const about = `${count(services)} services at rest, ${count(records)} records, next to an empty log in the same run`;
  return `# The event log\n\n\`npm run bench:log\`: ${about}. Node ${process.version}, ${availableParallelism()} cores.`;
}

function write(text: string): void {
  const results = join(ROOT, 'bench', 'results');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, 'log.md'), text);
}
