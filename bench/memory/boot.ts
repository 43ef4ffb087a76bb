/** How long until it listens, over an empty log, and what it holds then, beside Fastify that does nothing but listen. */
import { setTimeout as wait } from 'node:timers/promises';
import { rssMib } from '../machine/processes.ts';
import type { Figures } from '../report/figures.ts';
import { startEvergate } from '../targets/evergate.ts';
import { LISTENS } from '../targets/references.ts';
import { type Started, startListening } from '../targets/target.ts';

const BOOTS = 7;
/** What is only needed for the boot is let go by then. */
const SETTLE_MS = 2_000;

export async function measureBoot(figures: Figures, say: (line: string) => void): Promise<void> {
  const starts: readonly (readonly [string, () => Promise<Started>])[] = [
    ['Evergate', () => startEvergate({ isEmpty: true })],
    ['bare Fastify', () => startListening(['bench/references/streams.mjs'], LISTENS)],
  ];
  for (let boot = 0; boot < BOOTS; boot++) {
    for (const [name, start] of starts) {
      const started = await start();
      await wait(SETTLE_MS);
      const memory = rssMib(started.pid);
      await started.stop();
      figures.add('boot', name, { bootMs: started.bootMs, rssMib: memory });
      say(
        `boot ${boot + 1} of ${BOOTS}: ${name}, ${Math.round(started.bootMs)} ms, ${memory.toFixed(1)} MiB`,
      );
    }
  }
}
