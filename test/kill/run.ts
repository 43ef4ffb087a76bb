/** A run: orders dealt out to chains, some of them at the same time. */
import { Chain, type Report } from './chain.ts';
import { type Order, tellOrder } from './orders.ts';

export interface RunOptions {
  /** Directory of the compiled gateway. */
  readonly build: string;
  readonly seed: number;
  readonly orders: readonly Order[];
  /** Chains at the same time. */
  readonly abreast: number;
  /** Hears of every life that ended. */
  readonly onLife?: (done: number, of: number) => void;
}

/** What came of a run so far. */
export class Summary {
  kills = 0;
  /** Those at no point: at any moment, or after a point was not passed for long. */
  moments = 0;
  /** How often each point was where a life ended. */
  readonly byPoint = new Map<string, number>();
  /** Orders whose point was not passed in so many lives. */
  readonly missed: string[] = [];
  readonly violations: string[] = [];

  add({ order, hit, violations }: Report): void {
    this.kills++;
    if (order.point === null || !hit) this.moments++;
    else this.byPoint.set(order.point, (this.byPoint.get(order.point) ?? 0) + 1);
    this.violations.push(...violations);
  }
}

/** Orders of one chain: more would make its log long, fewer its past short. */
const CHAIN_LENGTH = 40;
/** Lives that are given to a point that is not passed. */
const TRIES = 3;
/** Chains take their clients' deeds from seeds that far apart. */
const SEEDS_OF_A_CHAIN = 10_000;

/** Deals the orders out and stops at the first violation, whose data directory then stays. */
export async function run({ build, seed, orders, abreast, onLife = () => {} }: RunOptions): Promise<Summary> {
  const summary = new Summary();
  const chains = Math.max(abreast, Math.ceil(orders.length / CHAIN_LENGTH));
  const share = Math.ceil(orders.length / chains);
  let next = 0;
  const work = async () => {
    for (let n = next++; n < chains && summary.violations.length === 0; n = next++) {
      const chain = new Chain(build, seed + n * SEEDS_OF_A_CHAIN);
      const mine = orders.slice(n * share, (n + 1) * share);
      await carryOut(chain, mine, summary, () => onLife(summary.kills, orders.length));
    }
  };
  await Promise.all(Array.from({ length: abreast }, work));
  return summary;
}

async function carryOut(
  chain: Chain,
  orders: readonly Order[],
  summary: Summary,
  onLife: () => void,
): Promise<void> {
  await chain.prepare();
  for (const order of orders) {
    let hit = false;
    for (let tries = 0; tries < TRIES && !hit && summary.violations.length === 0; tries++) {
      const report = await chain.live(order);
      summary.add(report);
      onLife();
      if (report.violations.length > 0) return chain.abandon(true);
      hit = report.hit;
    }
    if (summary.violations.length > 0) return chain.abandon(false); // another chain's
    if (!hit) summary.missed.push(tellOrder(order));
  }
  summary.violations.push(...(await chain.end()));
}
