/** `npm run conformance`: the official suites against a gateway in front of the fixture servers. `--help` lists the options. */
import { Fault } from './fault.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { failures, isBelowFloor, type Result, table } from './report.ts';
import { runSuite } from './run-suite.ts';
import { type FixtureName, SUITE } from './suites.ts';
import { directTarget, gatewayTarget, type Target } from './targets.ts';
import { conformanceTools, type Tools } from './tools.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

async function conformance(options: Options): Promise<readonly Result[]> {
  const tools = await conformanceTools(say);
  const results: Result[] = [];
  if (options.direct) {
    for (const fixture of options.fixtures) {
      const target = await directTarget(fixture);
      results.push(...(await measured(tools, options, target, [fixture], 'direct')));
    }
  }
  const target = await gatewayTarget();
  results.push(...(await measured(tools, options, target, options.fixtures, 'gateway')));
  return results;
}

/** All runs against one target, which is closed afterwards. */
async function measured(
  tools: Tools,
  options: Options,
  target: Target,
  fixtures: readonly FixtureName[],
  via: Result['via'],
): Promise<readonly Result[]> {
  const { scenario } = options;
  const results: Result[] = [];
  try {
    for (let run = 1; run <= (via === 'direct' ? 1 : options.runs); run++) {
      for (const fixture of fixtures) {
        for (const suite of options.suites) {
          const label = `${via}, run ${run}: ${fixture} · ${SUITE[suite].title}`;
          const onProgress = (begun: number) => showProgress(`${label}: scenario ${begun}`);
          say(label);
          const scenarios = await runSuite(tools, { suite, url: target.url(fixture), scenario, onProgress });
          if (scenarios.length > 0) results.push({ fixture, suite, via, run, scenarios });
        }
      }
    }
  } finally {
    await target.close();
  }
  return results;
}

/** One line that is written over, where there is a terminal to do so. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K\r`);
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const single = options.scenario !== null;
  const results = await conformance(options);
  if (results.length === 0) throw new Fault(`--scenario: none of these suites has "${options.scenario}"`);
  if (options.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else process.stdout.write(`\n${failures(results, single)}${table(results, single)}\n`);
  return results.some(result => isBelowFloor(result, single)) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
