import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/backends/clock.ts';

afterEach(() => vi.useRealTimers());

describe('the system clock', () => {
  it.each([
    [0, 1],
    [1000, 1001],
    [2 ** 31, 2 ** 31 - 1],
  ])(
    'a timer of %i ms goes off after %i ms, so never early by the time of day (invariant 5)',
    (delayMs, afterMs) => {
      vi.useFakeTimers();
      let over = false;
      systemClock.setTimeout(() => {
        over = true;
      }, delayMs);
      vi.advanceTimersByTime(afterMs - 1);
      expect(over).toBe(false);
      vi.advanceTimersByTime(1);
      expect(over).toBe(true);
    },
  );

  it('a timer that is cleared does not go off', () => {
    vi.useFakeTimers();
    const timer = systemClock.setTimeout(() => expect.unreachable(), 10);
    systemClock.clearTimeout(timer);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});
