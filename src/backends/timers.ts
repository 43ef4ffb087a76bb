/** Waiting: whoever does it is given the timers, so that tests can steer it. */
import type { Clock } from './clock.ts';

export type Timers = Pick<Clock, 'setTimeout' | 'clearTimeout'>;

/** Waits for `promise`, at most `ms`; null when the time was up first. No timer is left behind. */
export function within<T>(timers: Timers, ms: number, promise: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const handle = timers.setTimeout(() => resolve(null), ms);
    promise.then(resolve, reject).finally(() => timers.clearTimeout(handle));
  });
}

/** Resolves after `ms`. */
export function pause(timers: Timers, ms: number): Promise<void> {
  return new Promise(resolve => {
    timers.setTimeout(resolve, ms);
  });
}
