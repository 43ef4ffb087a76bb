/**
 * How often lanes beside the first are launched that fail to come up. It is counted by what their client says of itself: a
 * backend may refuse that, or break at it, which says nothing of another client's lane.
 */
import { createHash } from 'node:crypto';
import { type Clock, steadyTime } from '../backends/clock.ts';
import type { ExtraNeed } from './launch-lane.ts';
import { Refusal } from './refusal.ts';

export interface PatienceSettings {
  /** Launches for one offer that may fail in a row; from then on one is tried every `restartCooldownMaxMs`. */
  readonly maxStartFailures: number;
  readonly restartCooldownMaxMs: number;
}

/** Launches that failed in a row, and the last of them. */
interface Failures {
  readonly count: number;
  /** Steady time in ms. */
  readonly at: number;
  readonly reason: string;
}

/** Most offers whose failures are kept; beyond it the one that failed longest ago is given new trust (invariant 10). */
const MOST_OFFERS = 100;

/** Failures in a row of any offers after which no lane is launched, as multiples of those of one: the backend is at fault. */
const ALL_OFFERS = 10;

/** No digests are these. */
const MODERN = 'modern';
const UNWRITABLE = 'unwritable';

export class LanePatience {
  readonly #now: () => number;
  readonly #settings: PatienceSettings;
  /** By offer, the one that failed longest ago first. */
  readonly #failures = new Map<string, Failures>();
  /** Of any offers, since a lane came up last. */
  #all: Failures | undefined;

  constructor(clock: Clock, settings: PatienceSettings) {
    this.#now = steadyTime(clock);
    this.#settings = settings;
  }

  /** @throws {Refusal} 0002 too many launches for such a client, or for any, failed in a row */
  require(need: ExtraNeed): void {
    if (this.#failures.size === 0) return;
    const { maxStartFailures } = this.#settings;
    this.#requireFewer(this.#failures.get(keyOf(need)), maxStartFailures);
    this.#requireFewer(this.#all, maxStartFailures * ALL_OFFERS);
  }

  failed(need: ExtraNeed, reason: string): void {
    const key = keyOf(need);
    const before = this.#failures.get(key);
    this.#failures.delete(key);
    const [longestAgo] = this.#failures.size >= MOST_OFFERS ? this.#failures.keys() : [];
    if (longestAgo !== undefined) this.#failures.delete(longestAgo);
    this.#failures.set(key, this.#oneMore(before, reason));
    // One that has used up its own does not use up those of others.
    if ((before?.count ?? 0) < this.#settings.maxStartFailures) this.#all = this.#oneMore(this.#all, reason);
  }

  succeeded(need: ExtraNeed): void {
    this.#all = undefined;
    if (this.#failures.size > 0) this.#failures.delete(keyOf(need));
  }

  /** The service begins anew. */
  reset(): void {
    this.#all = undefined;
    this.#failures.clear();
  }

  #oneMore(before: Failures | undefined, reason: string): Failures {
    return { count: (before?.count ?? 0) + 1, at: this.#now(), reason };
  }

  #requireFewer(failures: Failures | undefined, most: number): void {
    if (failures === undefined || failures.count < most) return;
    const leftMs = failures.at + this.#settings.restartCooldownMaxMs - this.#now();
    if (leftMs > 0) throw new Refusal('0002', failures.reason, Math.ceil(leftMs));
  }
}

/** The same for clients that say the same of themselves. Never throws. */
function keyOf(need: ExtraNeed): string {
  if (need.kind === 'modern') return MODERN;
  try {
    return createHash('sha256').update(JSON.stringify(need.offer)).digest('base64url');
  } catch {
    return UNWRITABLE; // nested too deeply: no backend can be told of it either
  }
}
