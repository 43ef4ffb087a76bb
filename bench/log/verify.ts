/** How fast `evergate log verify` folds. */
import { count, type Figure, say } from './figures.ts';
import { runCli } from './gateway.ts';

const LEAST_PER_SECOND = 25_000;

export async function benchVerify(dataDir: string): Promise<Figure[]> {
  say('verifying …');
  const summary = JSON.parse(await runCli('log', 'verify', '--json', '--data-dir', dataDir));
  const { recordsPerSecond, problemCount } = summary as { recordsPerSecond: number; problemCount: number };
  return [
    {
      what: '`evergate log verify`: records folded per second',
      measured: `${count(recordsPerSecond)}; ${problemCount} problems`,
      goal: `≥ ${count(LEAST_PER_SECOND)}`,
      isMet: recordsPerSecond >= LEAST_PER_SECOND && problemCount === 0,
    },
  ];
}
