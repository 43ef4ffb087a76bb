/** Time, as everything that waits uses it; XState's `SimulatedClock` is one too. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** The longest delay a timer of Node can have, in ms; a longer one would go off at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** A millisecond is added to every delay: Node's timers go off up to one before `Date.now` says it is time (invariant 5). */
export const systemClock: Clock = {
  now: Date.now,
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs + 1, LONGEST_MS)),
  clearTimeout: handle => clearTimeout(handle as ReturnType<typeof setTimeout>),
};
