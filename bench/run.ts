/** `npm run bench`: measures, prints tables, writes `bench/results`. `--help` lists the options. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../src/message-of.ts';
import { CASES } from './calls/cases.ts';
import { measureCalls } from './calls/measure.ts';
import { GOALS, isWithin } from './floors.ts';
import { measureBoot } from './memory/boot.ts';
import { measureServices } from './memory/services.ts';
import { measureSoak } from './memory/soak.ts';
import { measureSessions, measureStreams } from './memory/streams.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { chart } from './report/chart.ts';
import { Figures } from './report/figures.ts';
import { markdown } from './report/tables.ts';
import { EVERGATE } from './targets/evergate.ts';
import { peers } from './targets/peers.ts';
import { DIRECT, FASTIFY, FASTIFY_SSE, HTTP } from './targets/references.ts';
import { ROOT } from './targets/target.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

async function measure(options: Options, figures: Figures): Promise<void> {
  const wants = (name: string) => options.only.includes(name);
  await measureCases(options, figures);
  if (wants('boot')) await measureBoot(figures, say);
  if (wants('services')) await measureServices(figures, options, say);
  if (wants('sessions')) await measureSessions(figures, options, say);
  if (wants('streams')) await measureStreams(figures, options, say);
  if (wants('soak')) await measureSoak(figures, options, say);
}

async function measureCases(options: Options, figures: Figures): Promise<void> {
  const cases = CASES.filter(({ name }) => options.only.includes(name));
  if (cases.length === 0) return;
  const wanted = new Set(cases.flatMap(({ targets }) => targets));
  const others = options.withPeers ? await peers(say) : [];
  const targets = [EVERGATE, FASTIFY, FASTIFY_SSE, HTTP, DIRECT, ...others].filter(({ name }) =>
    wanted.has(name),
  );
  for (const { case: name, target, sample } of await measureCalls({ ...options, cases, targets, say })) {
    // A gateway that answers nothing has no figures.
    if (sample.calls === 0) continue;
    const { callsPerSecond, p50Us, p99Us, gatewayUs, rssMib } = sample;
    figures.add(name, target, { callsPerSecond, p50Us, p99Us, gatewayUs, rssMib });
  }
}

const HEADING = `# Measured with \`npm run bench\`

Medians of interleaved rounds; ${cpus().length} cores, Node ${process.versions.node}. Only ratios within one table carry over to
another machine or day. Evergate runs with everything on: tokens, journal, metrics, log at info.`;

/** Writes the results, with those of earlier runs for what was not measured now. */
function writeResults(figures: Figures): void {
  const fileOf = (name: string) => join(ROOT, 'bench', 'results', name);
  const stored = fileOf('bench.json');
  mkdirSync(dirname(stored), { recursive: true });
  if (existsSync(stored)) figures.complete(JSON.parse(readFileSync(stored, 'utf8')));
  writeFileSync(stored, `${JSON.stringify(figures, null, 1)}\n`);
  writeFileSync(fileOf('bench.md'), markdown(HEADING, CASES, figures));
  writeFileSync(fileOf('bench.svg'), chart(figures));
}

/** Says which figures are below their floors. */
function fallen(figures: Figures): readonly string[] {
  return GOALS.flatMap(goal => {
    const value = goal.measure(figures);
    if (value === null || isWithin(goal, value, goal.floor)) return [];
    const { what, is, floor, unit } = goal;
    return [`${what}: ${value.toPrecision(3)} ${unit}, has to be ${is} ${floor} ${unit}`];
  });
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  say('building');
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const figures = new Figures();
  try {
    await measure(options, figures);
  } finally {
    // What was measured before something broke is not lost.
    if (options.write) writeResults(figures);
  }
  const below = options.check ? fallen(figures) : [];
  process.stdout.write(markdown(HEADING, CASES, figures));
  for (const line of below) say(`below its floor: ${line}`);
  return below.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(messageOf(error));
  process.exitCode = 2;
}
