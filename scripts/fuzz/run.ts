/** `npm run fuzz`: requests of every kind at every route of a whole gateway. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const HELP = `npm run fuzz -- [options]
Sends requests at every route the gateway has, made by the routes' schemas and by what is known to break servers. Every answer
has to be one of the contract's, nothing may be left behind: sockets, timers, child processes, services, sessions.
  --requests N      default: 100000
  --seed N          default: by the clock; the same seed makes the same requests
  --concurrency N   default: 16
Exit status: 0 nothing is wrong, 1 something is, 2 called wrongly.
`;
const PROGRESS = 5_000;

async function main(): Promise<number> {
  const flag = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { requests: flag, seed: flag, concurrency: flag, help: { type: 'boolean' } },
  });
  const number = (text: string | undefined, fallback: number) =>
    text === undefined ? fallback : Number(text);
  const seed = number(values.seed, Date.now() & 0x7fffffff);
  const requests = number(values.requests, 100_000);
  const concurrency = number(values.concurrency, 16);
  if (values.help || ![seed, requests, concurrency].every(value => Number.isInteger(value) && value > 0)) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  process.stdout.write(`seed ${seed}\n`);
  const startedAt = performance.now();
  const progress = (done: number) => {
    if (done % PROGRESS === 0)
      process.stdout.write(
        `${done} of ${requests}, ${Math.round((performance.now() - startedAt) / 1000)} s\n`,
      );
  };
  const { routes, statuses, outcomes, faults } = await fuzz({ seed, requests, concurrency, progress });
  process.stdout.write(`${routes} routes; answers by status: ${JSON.stringify(statuses)}\n`);
  process.stdout.write(`how far requests got: ${JSON.stringify(outcomes, null, 2)}\n`);
  for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`);
  process.stdout.write(
    faults.length === 0 ? 'nothing is wrong\n' : `${faults.length} faults; seed ${seed}\n`,
  );
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main();
