/**
 * A scale of time on which both a burst of events and a quiet week can be seen: every stay in a state has a width that grows
 * with the logarithm of how long it lasted. Pure.
 */

/** Where on the scale a moment is. */
export interface Moment {
  /** Index of the event that led to the stay it lies in. */
  readonly index: number;
  /** Epoch ms. */
  readonly at: number;
  /** It is the event's own moment. */
  readonly exact: boolean;
}

/** Width of a stay without any length, in units of the scale. */
const LEAST = 1;

const width = (ms: number) => LEAST + Math.log2(1 + Math.max(0, ms) / 1000);

export class Scale {
  /** Where each stay begins; one more at the end. */
  readonly #edges: readonly number[];
  readonly #times: readonly number[];

  /** @param times epoch ms of each event, ascending, at least one @param end epoch ms: now */
  constructor(times: readonly number[], end: number) {
    this.#times = [...times, Math.max(end, times.at(-1) ?? end)];
    let edge = 0;
    this.#edges = this.#times.map((at, n) => {
      if (n > 0) edge += width(at - (this.#times[n - 1] ?? at));
      return edge;
    });
  }

  get length(): number {
    return this.#edges.at(-1) ?? 0;
  }

  /** The moment at a position; positions beyond the ends count as the ends. */
  momentAt(position: number): Moment {
    const last = this.#edges.length - 2;
    const index = Math.min(
      last,
      Math.max(
        0,
        this.#edges.findLastIndex(edge => edge <= position),
      ),
    );
    const from = this.#edges[index] ?? 0;
    const share = Math.min(1, Math.max(0, position - from) / ((this.#edges[index + 1] ?? from) - from));
    const begin = this.#times[index] ?? 0;
    const at = Math.round(begin + share * ((this.#times[index + 1] ?? begin) - begin));
    return { index, at, exact: at === begin };
  }

  /** The position of an event; one past the last: that of the end. */
  positionOf(index: number): number {
    return this.#edges[index] ?? 0;
  }

  positionOfMoment({ index, at }: Moment): number {
    const from = this.positionOf(index);
    const begin = this.#times[index] ?? at;
    const length = (this.#times[index + 1] ?? begin) - begin;
    return length === 0 ? from : from + ((at - begin) / length) * (this.positionOf(index + 1) - from);
  }
}
