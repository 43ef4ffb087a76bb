/** News of one service that is told later than it happened, until it is no longer true: it could not be written, or it waits. */
import type { Clock } from '../backends/clock.ts';
import type { ServiceSnapshot } from './replay.ts';

/** Pause before news that could not be written is told again, in ms. */
export const RETRY_WRITE_MS = 1000;

interface News {
  readonly type: string;
  /** Number of the lane it is about, if it is one beside the first. */
  readonly lane?: number;
}

export class LateNews {
  readonly #clock: Clock;
  readonly #tell: (news: News) => void;
  /** By type, and by lane where it is about one: the latest of each. */
  readonly #unwritten = new Map<string, News>();
  /** What waits until fewer services move, with the epoch ms from which on it does. */
  readonly #deferred = new Map<News, number>();
  #retry: unknown;

  /** @param tell tells the actor; what cannot be written then comes back through `keep` */
  constructor(clock: Clock, tell: (news: News) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get isEmpty(): boolean {
    return this.#unwritten.size === 0 && this.#deferred.size === 0;
  }

  /** It waits for its turn. */
  defer(news: News): void {
    this.#deferred.set(news, this.#clock.now());
  }

  /** It is its turn now. @returns epoch ms since which it waits; null: its service has moved on meanwhile */
  resume(news: News): number | null {
    const since = this.#deferred.get(news) ?? null;
    this.#deferred.delete(news);
    return since;
  }

  /** It could not be written. */
  keep(news: News): void {
    const { type, lane } = news;
    this.#unwritten.set(lane === undefined ? type : `${type} ${lane}`, news);
    this.#retry ??= this.#clock.setTimeout(() => this.tellAgain(), RETRY_WRITE_MS);
  }

  /** Whoever told it knows that it did not happen. */
  drop(news: News): void {
    for (const [key, unwritten] of this.#unwritten) if (unwritten === news) this.#unwritten.delete(key);
  }

  /** The service is in this state now: news of what ended with an earlier one is dropped. */
  enter(state: ServiceSnapshot): void {
    for (const [key, { type }] of this.#unwritten) if (!mayHappen(type, state)) this.#unwritten.delete(key);
    for (const news of this.#deferred.keys()) if (!mayHappen(news.type, state)) this.#deferred.delete(news);
  }

  /** Tells all of it now. */
  tellAgain(): void {
    this.stop();
    const unwritten = [...this.#unwritten.values()];
    this.#unwritten.clear();
    for (const news of unwritten) this.#tell(news);
  }

  /** Nothing is told by itself any more. */
  stop(): void {
    this.#clock.clearTimeout(this.#retry);
    this.#retry = undefined;
  }
}

/**
 * Leaving a state cancels its timers (invariant 5: one of an earlier cooldown must not end the next) and gives a permit
 * to start back. All other news carries the number of the start that it is about, and the machine ignores what is stale.
 */
function mayHappen(type: string, state: ServiceSnapshot): boolean {
  if (type === 'start permitted') return state.matches({ Pending: 'Queued' });
  if (!type.startsWith('xstate.after.')) return true;
  return state._nodes.some(({ after }) => after.some(({ eventType }) => eventType === type));
}
