/** Time, as everything that waits uses it; XState's `SimulatedClock` is one too. */
export interface Clock {
  /** Epoch milliseconds, for what is recorded, shown, or outlives the process. They jump when the time of day is set. */
  now(): number;
  /** Milliseconds that nobody can set, for how long something may take. Absent: `now` cannot be set either. See `steadyTime`. */
  readonly steady?: () => number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** The longest delay a timer of Node can have, in ms; a longer one would go off at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** A millisecond is added to every delay: Node's timers go off up to one before `Date.now` says it is time (invariant 5). */
export const systemClock: Clock = {
  now: Date.now,
  steady: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs + 1, LONGEST_MS)),
  clearTimeout: handle => clearTimeout(handle as ReturnType<typeof setTimeout>),
};

/** What tells how much time has passed, whatever becomes of the time of day. Only differences mean anything (invariant 3). */
export function steadyTime(clock: Clock): () => number {
  return clock.steady ?? (() => clock.now());
}
