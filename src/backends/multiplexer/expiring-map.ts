/** A map whose entries live equally long: one timer for all, armed for the oldest (no timer per entry). */
import { IdTable } from '../../collections/id-table.ts';
import { LinkedList, type Place } from '../../collections/linked-list.ts';
import { type Clock, steadyTime } from '../clock.ts';

/** The longest delay a Node timer takes. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export interface Expiring {
  /** In ms of steady time; take it from `deadline()` right before `set`. */
  readonly deadline: number;
}

type Entry<K, V> = readonly [key: K, value: V];

export class ExpiringMap<K extends number | string, V extends Expiring> {
  readonly #places = new IdTable<Place<Entry<K, V>>>();
  readonly #entries = new LinkedList<Entry<K, V>>();
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #lifetimeMs: number;
  readonly #onExpired: (key: K, value: V) => void;
  #timer: unknown = null;
  #sweeping = false;

  /** `onExpired` is called for an entry that was still there at its deadline, after it was taken out. */
  constructor(clock: Clock, lifetimeMs: number, onExpired: (key: K, value: V) => void) {
    this.#clock = clock;
    this.#now = steadyTime(clock);
    this.#lifetimeMs = lifetimeMs;
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#entries.size;
  }

  deadline(): number {
    return this.#now() + this.#lifetimeMs;
  }

  get(key: K): V | undefined {
    return this.#places.get(key)?.value[1];
  }

  /** @param key is not in here yet */
  set(key: K, value: V): void {
    this.#places.set(key, this.#entries.add([key, value]));
    if (this.#timer === null && !this.#sweeping) this.#arm(this.#lifetimeMs);
  }

  /** Takes an entry out; undefined when there is none. */
  take(key: K): V | undefined {
    const place = this.#places.take(key);
    if (place === undefined) return undefined;
    this.#entries.remove(place);
    return place.value[1];
  }

  /** The entries, oldest first; entries may be taken out meanwhile. */
  entries(): Entry<K, V>[] {
    return this.#entries.toArray();
  }

  /** Forgets the timer; for the end, when no more entries will come. */
  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#sweep(), Math.min(delayMs, LONGEST_DELAY_MS));
  }

  /** Insertion order is the order of deadlines, so the first entry that is not due ends the sweep. */
  #sweep(): void {
    this.#timer = null;
    this.#sweeping = true;
    const now = this.#now();
    for (let entry = this.#entries.first; entry !== undefined; entry = this.#entries.first) {
      const [key, value] = entry;
      if (value.deadline > now) break;
      this.take(key);
      this.#onExpired(key, value);
    }
    this.#sweeping = false;
    const oldest = this.#entries.first?.[1];
    if (oldest !== undefined) this.#arm(Math.max(1, oldest.deadline - now));
  }
}
