/** How long a gateway takes to listen and how much memory it has, over a log that is full and over one that is empty. */
import { type Figure, mb, median, ms, say } from './figures.ts';
import { startBenchGateway } from './gateway.ts';
import type { ProcessMemory } from './process-memory.ts';

const BOOTS = 9;
/** What of a large log is looked at after boot is done by then. */
const SETTLE_MS = 4000;
const MOST_RATIO = 1.3;
const MOST_MORE_MB = 20;

interface Boot extends ProcessMemory {
  readonly bootMs: number;
}

/** Boots in turn over both, so that whatever else the machine does counts for both. */
export async function benchBoot(emptyDir: string, fullDir: string): Promise<Figure[]> {
  const empty: Boot[] = [];
  const full: Boot[] = [];
  for (let boot = 0; boot < BOOTS; boot++) {
    say(`boot ${boot + 1} of ${BOOTS} …`);
    empty.push(await bootOnce(emptyDir));
    full.push(await bootOnce(fullDir));
  }
  return [timeFigure(empty, full), memoryFigure(empty, full)];
}

const middle = (boots: readonly Boot[], figure: keyof Boot) => median(boots.map(boot => boot[figure]));

function timeFigure(empty: readonly Boot[], full: readonly Boot[]): Figure {
  const [emptyMs, fullMs] = [middle(empty, 'bootMs'), middle(full, 'bootMs')];
  const ratio = fullMs / emptyMs;
  return {
    what: `boot until it listens (median of ${BOOTS})`,
    measured: `${ms(fullMs)}; empty ${ms(emptyMs)}; ratio ${ratio.toFixed(2)}`,
    goal: `ratio ≤ ${MOST_RATIO}`,
    isMet: ratio <= MOST_RATIO,
  };
}

function memoryFigure(empty: readonly Boot[], full: readonly Boot[]): Figure {
  const more = (figure: keyof ProcessMemory) => middle(full, figure) - middle(empty, figure);
  const own = `${mb(middle(full, 'ownMb'))}; empty ${mb(middle(empty, 'ownMb'))}; ${mb(more('ownMb'))} more`;
  return {
    what: `memory ${SETTLE_MS / 1000} s after boot (RssAnon, median of ${BOOTS})`,
    measured: `${own}; with mapped pages of the log ${mb(more('residentMb'))} more`,
    goal: `≤ ${MOST_MORE_MB} MB more`,
    isMet: more('ownMb') <= MOST_MORE_MB,
  };
}

async function bootOnce(dataDir: string): Promise<Boot> {
  const gateway = await startBenchGateway(dataDir, '--max-services', '1000000');
  await new Promise(resolve => setTimeout(resolve, SETTLE_MS));
  const memory = gateway.memory();
  await gateway.end('SIGTERM');
  return { bootMs: gateway.bootMs, ...memory };
}
