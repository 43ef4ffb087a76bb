/**
 * `npm run bench:cold`: what a cold start costs by `npx -y <package>` and by the gateway's own start of what npx has installed,
 * next to the same server started by hand. A package of the public registry is installed into a cache of its own first; then
 * each round has one start of each kind. Writes bench/results/cold.md; exit code 1 if a goal is missed.
 *
 * Flags: --package <name>@<version>, --rounds <n>. With other values than the defaults nothing is written.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, median, ms, say, table } from '../log/figures.ts';
import { build, ROOT, startBenchGateway } from '../log/gateway.ts';
import { type Sample, startByHand, startThrough } from './starts.ts';

const DEFAULTS = { package: '@modelcontextprotocol/server-everything@2026.8.31', rounds: '15' };
const MOST_OF_NPX = 0.6;
/** The goal of any cold start. */
const MOST_MORE_MS = 20;
/** npx installs the package in the first start. */
const INSTALLING_MS = '300000';

const { values } = parseArgs({
  options: {
    package: { type: 'string', default: DEFAULTS.package },
    rounds: { type: 'string', default: DEFAULTS.rounds },
  },
});

const work = mkdtempSync(join(tmpdir(), 'evergate-cold-'));
const cache = join(work, 'cache');
const server = {
  command: 'npx',
  args: ['-y', values.package],
  cwd: work,
  env: { npm_config_cache: cache },
};
try {
  const figures = figuresOf(await measure());
  const text = `${heading()}\n\n${table(figures)}\n`;
  process.stdout.write(text);
  if (values.package === DEFAULTS.package && values.rounds === DEFAULTS.rounds) write(text);
  process.exitCode = figures.every(({ isMet }) => isMet) ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

type Samples = Readonly<Record<'npx' | 'direct' | 'byHand', Sample[]>>;

async function measure(): Promise<Samples> {
  say('building …');
  build();
  const flags = ['--pending-wait-ms', INSTALLING_MS];
  const byNpx = await startBenchGateway(join(work, 'npx'), ...flags, '--no-direct-start');
  const directly = await startBenchGateway(join(work, 'direct'), ...flags);
  try {
    say(`${values.package} is installed …`);
    await startThrough(byNpx, 'install', server);
    const { ran } = await startThrough(directly, 'warm-up', server);
    if (ran?.script === undefined) throw new Error(`it is left to npx: ${ran?.because}`);
    const script = scriptOf(ran.script);
    await startByHand(script);
    const samples: Samples = { npx: [], direct: [], byHand: [] };
    for (let round = 1; round <= Number(values.rounds); round++) {
      say(`round ${round} of ${values.rounds} …`);
      samples.npx.push((await startThrough(byNpx, `round-${round}`, server)).sample);
      samples.direct.push((await startThrough(directly, `round-${round}`, server)).sample);
      samples.byHand.push(await startByHand(script));
    }
    return samples;
  } finally {
    await byNpx.end('SIGTERM');
    await directly.end('SIGTERM');
  }
}

/** Where it really is: a record shows no value of a config's variables, and the cache is one. */
function scriptOf(shown: string): string {
  const [directory = ''] = readdirSync(join(cache, '_npx'));
  return join(cache, '_npx', directory, 'node_modules', '.bin', basename(shown));
}

function figuresOf({ npx, direct, byHand }: Samples): Figure[] {
  const of = (samples: readonly Sample[], what: keyof Sample) => median(samples.map(each => each[what]));
  const ratio = of(direct, 'ms') / of(npx, 'ms');
  const more = of(direct, 'ms') - of(byHand, 'ms');
  const spared = of(npx, 'processes') - of(direct, 'processes');
  const memory = of(npx, 'rssMib') - of(direct, 'rssMib');
  return [
    {
      what: 'first answer of a service whose command is `npx -y <package>`',
      measured: `${ms(of(npx, 'ms'))} by npx, ${ms(of(direct, 'ms'))} directly: ${ratio.toFixed(2)} ×`,
      goal: `≤ ${MOST_OF_NPX} ×`,
      isMet: ratio <= MOST_OF_NPX,
    },
    {
      what: 'the same next to the server started by hand',
      measured: `${ms(of(byHand, 'ms'))} by hand, ${more.toFixed(1)} ms more through the gateway`,
      goal: `≤ ${MOST_MORE_MS} ms more`,
      isMet: more <= MOST_MORE_MS,
    },
    {
      what: 'processes',
      measured: `${of(npx, 'processes')} by npx, ${of(direct, 'processes')} directly`,
      goal: '1 directly',
      isMet: spared > 0 && of(direct, 'processes') === 1,
    },
    {
      what: 'resident memory of all of them',
      measured: `${of(npx, 'rssMib').toFixed(0)} MiB by npx, ${of(direct, 'rssMib').toFixed(0)} MiB directly`,
      goal: 'less',
      isMet: memory > 0,
    },
  ];
}

function heading(): string {
  const about = `\`${values.package}\`, medians of ${values.rounds} interleaved rounds`;
  return `# Cold starts\n\n\`npm run bench:cold\`: ${about}. Node ${process.version}, ${availableParallelism()} cores.`;
}

function write(text: string): void {
  const results = join(ROOT, 'bench', 'results');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, 'cold.md'), text);
}
