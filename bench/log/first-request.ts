/** The first request to a service at rest, next to the same request to one that has no past. */
import { serviceName } from '../../test/support/filled-log.ts';
import { configHeader, knock, statusOf, tinyServer } from '../../test/support/http-client.ts';
import { type Figure, median, ms, say } from './figures.ts';
import { startBenchGateway } from './gateway.ts';

const STARTS = 40;
const LOOKS = 400;
const MOST_MORE_MS = 2;

export async function benchFirstRequest(fullDir: string, services: number): Promise<Figure[]> {
  const gateway = await startBenchGateway(fullDir, '--max-services', '1000000');
  const { url } = gateway;
  const header = { 'x-mcp-json': configHeader({ ...tinyServer(), env: {} }), 'x-mcp-type': 'OneShot' };
  const start = (id: string) =>
    timed(async () => {
      const { status, body } = await knock(url, id, header);
      if (status !== 200) throw new Error(`${id} was not started: ${body.code} ${body.message}`);
    });
  const look = (id: string) => timed(() => statusOf(url, id));
  const step = Math.floor(services / (STARTS + LOOKS + 2));
  const atRest = (index: number) => serviceName((index + 1) * step);
  try {
    await start('warm up');
    await start(atRest(0));
    say(`${STARTS} first requests that start a service, ${LOOKS} that ask for its status …`);
    const starts = await inTurn(
      STARTS,
      n => start(atRest(n + 1)),
      n => start(`fresh ${n}`),
    );
    const looks = await inTurn(
      LOOKS,
      n => look(atRest(n + STARTS + 1)),
      n => look(`unknown ${n}`),
    );
    return [
      figure(`first request, which starts it (median of ${STARTS})`, 'fresh', starts),
      figure(`first question for its status (median of ${LOOKS})`, 'of an unknown id', looks),
    ];
  } finally {
    await gateway.end('SIGTERM');
  }
}

interface Times {
  readonly atRest: readonly number[];
  readonly fresh: readonly number[];
}

/** Each first in half of the pairs, so that neither gains by its place. */
async function inTurn(
  times: number,
  askAtRest: (n: number) => Promise<number>,
  askFresh: (n: number) => Promise<number>,
): Promise<Times> {
  const atRest: number[] = [];
  const fresh: number[] = [];
  for (let n = 0; n < times; n++) {
    if (n % 2 === 0) atRest.push(await askAtRest(n));
    fresh.push(await askFresh(n));
    if (n % 2 === 1) atRest.push(await askAtRest(n));
  }
  return { atRest, fresh };
}

function figure(what: string, other: string, { atRest, fresh }: Times): Figure {
  const more = median(atRest) - median(fresh);
  return {
    what,
    measured: `${ms(median(atRest))}; ${other} ${ms(median(fresh))}; ${more.toFixed(2)} ms more`,
    goal: `≤ ${MOST_MORE_MS} ms more`,
    isMet: more <= MOST_MORE_MS,
  };
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await action();
  return performance.now() - since;
}
