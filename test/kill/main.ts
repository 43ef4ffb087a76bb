/** `npm run test:kill`: ends the gateway at as many points as are asked for, and says what came of it. */
import { parseArgs } from 'node:util';
import { buildGateway } from '../support/gateway-build.ts';
import { POINTS } from './inject/points.ts';
import { ordersOf } from './orders.ts';
import { run } from './run.ts';

const USAGE = 'Usage: npm run test:kill -- [--points 1000] [--seed N] [--abreast 2] [--only "spawn: after"]';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    abreast: { type: 'string', default: '2' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (text: string) => process.stdout.write(`${text}\n`);
const [points, seed, abreast] = [values.points, values.seed, values.abreast].map(Number) as [
  number,
  number,
  number,
];

async function main(): Promise<number> {
  if (values.help || ![points, seed, abreast].every(Number.isSafeInteger)) {
    say(USAGE);
    return values.help ? 0 : 2;
  }
  say(`seed ${seed}: ${points} kills, ${abreast} chains at a time`);
  const build = await buildGateway();
  const begun = performance.now();
  const all = ordersOf(seed, points);
  const orders =
    values.only === undefined ? all : all.map(order => ({ ...order, point: values.only ?? null }));
  const onLife = (done: number, of: number) => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    if (done % 20 === 0) say(`${done} of ${of} kills, ${seconds} s`);
  };
  try {
    const { kills, byPoint, moments, missed, violations } = await run({
      build: build.directory,
      seed,
      orders,
      abreast,
      onLife,
    });
    say(
      `${kills} kills: ${kills - moments} at ${byPoint.size} of ${POINTS.length} points, ${moments} at any moment`,
    );
    for (const point of missed) say(`not passed: ${point}`);
    for (const violation of violations) say(violation);
    say(violations.length === 0 ? 'no violation' : `reproduce with --seed ${seed} --points ${points}`);
    return violations.length === 0 && missed.length === 0 ? 0 : 1;
  } finally {
    build.remove();
  }
}

process.exitCode = await main();
