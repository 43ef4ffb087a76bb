/** A histogram of durations. Observing allocates nothing, for it stands on the way of every call. */

/** Upper bounds of the buckets for what a client waits for, in ms. */
export const CALL_BUCKETS_MS = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 120_000,
] as const;

/** For starts, which may install something first. */
export const START_BUCKETS_MS = [
  50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000,
] as const;

/** For synchronous writes to a disk. */
export const WRITE_BUCKETS_MS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000] as const;

export class Histogram {
  /** Upper bounds, inclusive, in ms, ascending; what is longer goes into one more bucket. */
  readonly boundsMs: readonly number[];
  readonly #counts: Float64Array;
  #sumMs = 0;

  constructor(boundsMs: readonly number[]) {
    this.boundsMs = boundsMs;
    this.#counts = new Float64Array(boundsMs.length + 1);
  }

  observe(durationMs: number): void {
    const { boundsMs } = this;
    let bucket = 0;
    while (bucket < boundsMs.length && durationMs > (boundsMs[bucket] as number)) bucket++;
    (this.#counts[bucket] as number)++;
    this.#sumMs += durationMs;
  }

  /** Observations per bucket, the last one for those beyond all bounds. */
  get counts(): ArrayLike<number> {
    return this.#counts;
  }

  get sumMs(): number {
    return this.#sumMs;
  }
}
