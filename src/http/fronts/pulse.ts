/** One coarse timer for everything that must not stay silent for long, instead of a timer per request. */
import { type Clock, steadyTime } from '../../backends/clock.ts';
import { LinkedList, type Place } from '../../collections/linked-list.ts';

export interface Pulsed {
  /** Steady time in ms of the next beat; written by the pulse alone. */
  dueAt: number;
  /** Where it is in the pulse; null: it is not. Written by the pulse alone. */
  beatPlace: Place<Pulsed> | null;
  /** Called between `everyMs` and 1.25 × `everyMs` after the last one; false takes it out of the pulse. */
  beat(): boolean;
}

export class Pulse {
  /** In the order of `dueAt`, because all wait for the same time. */
  readonly #members = new LinkedList<Pulsed>();
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #everyMs: number;
  #timer: unknown = null;

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#now = steadyTime(clock);
    this.#everyMs = everyMs;
  }

  get size(): number {
    return this.#members.size;
  }

  add(member: Pulsed): void {
    this.remove(member);
    member.dueAt = this.#now() + this.#everyMs;
    member.beatPlace = this.#members.add(member);
    if (this.#timer === null) this.#arm();
  }

  remove(member: Pulsed): void {
    if (member.beatPlace === null) return;
    this.#members.remove(member.beatPlace);
    member.beatPlace = null;
  }

  /** Forgets all members and stops the timer. */
  stop(): void {
    for (const member of this.#members.toArray()) this.remove(member);
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(() => this.#tick(), Math.ceil(this.#everyMs / 4));
  }

  #tick(): void {
    this.#timer = null;
    const now = this.#now();
    for (let member = this.#members.first; member !== undefined; member = this.#members.first) {
      if (member.dueAt > now) break;
      this.remove(member);
      if (member.beat()) this.add(member);
    }
    if (this.#timer === null && this.#members.size > 0) this.#arm();
  }
}
