/**
 * `npm run bench:profile`: where the time of a gateway goes under one case of the benchmark. Prints the functions that take
 * most, and with `--svg FILE` draws a flame graph. `--case NAME` (echo-64), `--bare` for the reference, `--seconds N` (5).
 */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildGateway } from '../../test/support/gateway-build.ts';
import { CASES } from '../calls/cases.ts';
import { drive, type Sample } from '../load/drive.ts';
import { openHttpSse } from '../load/http-sse.ts';
import { openStreamable } from '../load/streamable.ts';
import { AUTHORIZATION, startEvergate } from '../targets/evergate.ts';
import { startReference } from '../targets/references.ts';
import { ROOT } from '../targets/target.ts';
import { flameGraph } from './flame.ts';
import { type Frame, frames, readProfile } from './read-profile.ts';
import { stepOf } from './steps.ts';

const { values } = parseArgs({
  options: {
    case: { type: 'string', default: 'echo-64' },
    seconds: { type: 'string', default: '5' },
    top: { type: 'string', default: '40' },
    svg: { type: 'string' },
    bare: { type: 'boolean', default: false },
  },
});

/** Until the compiler has settled, in ms. */
const WARM_UP_MS = 3_000;

const each = CASES.find(({ name }) => name === values.case);
if (each === undefined) throw new Error(`--case: ${values.case} is none of bench/calls/cases.ts`);
const { front, call, inFlight, sessions } = each;
// File by file, not as the one file that is published: the profile says which of them takes how long.
const build = await buildGateway();

const work = mkdtempSync(join(tmpdir(), 'evergate-profile-'));
const { sample, profile } = await profiled();
rmSync(work, { recursive: true, force: true });
build.remove();
report(profile, sample);
if (values.svg !== undefined) {
  const title = `${values.bare ? 'bare Fastify' : 'Evergate'}: ${each.title}; ${sample.gatewayUs.toFixed(1)} µs of CPU per call`;
  writeFileSync(
    values.svg,
    flameGraph(profile, title, ({ file }) => file.startsWith('src/')),
  );
}

async function profiled(): Promise<{ readonly sample: Sample; readonly profile: Frame }> {
  const file = join(work, 'gateway.cpuprofile');
  process.env.BENCH_PROFILE = file;
  const node = ['--import', new URL('preload.mjs', import.meta.url).href];
  const target = values.bare ? await bare(node) : await evergate(node);
  const options = { url: target[front], headers: target.headers, inFlight, sessions, call };
  const open = front === 'streamable' ? openStreamable : openHttpSse;
  const client = await open({ ...options, rename: tool => tool });
  const load = { workers: inFlight, pid: target.pid };
  await drive(client, { ...load, warmUpMs: 0, measureMs: WARM_UP_MS });
  process.kill(target.pid, 'SIGWINCH');
  const sample = await drive(client, { ...load, warmUpMs: 500, measureMs: Number(values.seconds) * 1000 });
  process.kill(target.pid, 'SIGWINCH');
  while (!existsSync(file) || statSync(file).size === 0) await wait(100);
  await wait(500);
  await client.close();
  await target.stop();
  return { sample, profile: readProfile(file, values.bare ? ROOT : join(build.directory, '/')) };
}

async function evergate(node: readonly string[]) {
  const gateway = await startEvergate({ node, cli: join(build.directory, 'src', 'cli.js') });
  const { pid, stop } = gateway;
  return { pid, stop, headers: AUTHORIZATION, streamable: gateway.streamable(), httpSse: gateway.httpSse() };
}

async function bare(node: readonly string[]) {
  const { pid, stop, url } = await startReference(node);
  return { pid, stop, headers: '', streamable: `${url}/mcp`, httpSse: `${url}/mcp` };
}

function report(profile: Frame, { callsPerSecond, gatewayUs }: Sample): void {
  const byFunction = new Map<string, number>();
  const byFile = new Map<string, number>();
  const byStep = new Map<string, number>();
  for (const { name, file, selfUs } of frames(profile)) {
    add(byStep, stepOf({ name, file }), selfUs);
    add(byFunction, `${name}  ${file}`, selfUs);
    add(byFile, file === '' ? name : (/^(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? file), selfUs);
    if (file.startsWith('src/')) add(byFile, `  ${file}`, selfUs);
  }
  const print = (title: string, times: ReadonlyMap<string, number>) => {
    process.stdout.write(`\n${title}\n`);
    const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, Number(values.top));
    for (const [name, us] of sorted) {
      const share = us / profile.totalUs;
      const perCall = (share * gatewayUs).toFixed(2);
      process.stdout.write(`${(100 * share).toFixed(1).padStart(6)} %  ${perCall.padStart(6)} µs  ${name}\n`);
    }
  };
  process.stdout.write(`${Math.round(callsPerSecond)} calls/s, ${gatewayUs.toFixed(1)} µs of CPU per call\n`);
  print('by step', byStep);
  print('by package and file', byFile);
  print('by function', byFunction);
}

function add(times: Map<string, number>, key: string, us: number): void {
  times.set(key, (times.get(key) ?? 0) + us);
}
