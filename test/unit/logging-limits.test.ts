import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { LineLimiter } from '../../src/logging/line-limiter.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { stderrLog } from '../../src/logging/stderr.ts';

function given(perSecond: number) {
  const clock = new SimulatedClock();
  const told: number[] = [];
  const limiter = new LineLimiter(perSecond, clock, lines => told.push(lines));
  const flood = (lines: number) =>
    Array.from({ length: lines }, () => limiter.admits()).filter(Boolean).length;
  return { clock, told, flood };
}

describe('a bound on lines (invariant 10)', () => {
  it('given a flood, then so many a second are admitted, and the number of the others is told once', () => {
    const { clock, told, flood } = given(3);
    expect(flood(10)).toBe(3);
    clock.increment(999);
    expect([flood(5), told]).toEqual([0, []]);
    clock.increment(1);
    expect(told).toEqual([12]);
    expect(flood(4)).toBe(3);
    clock.increment(1000);
    expect(told).toEqual([12, 1]);
  });

  it('given fewer lines than that, then all are admitted and nothing is told', () => {
    const { clock, told, flood } = given(3);
    for (let second = 0; second < 5; second++) {
      expect(flood(3)).toBe(3);
      clock.increment(1000);
    }
    expect(told).toEqual([]);
  });

  it('given 0, then none is admitted and nothing is told', () => {
    const { clock, told, flood } = given(0);
    expect(flood(10)).toBe(0);
    clock.increment(5000);
    expect(told).toEqual([]);
  });
});

describe('stderr of backends in the log', () => {
  it('given two processes, then each line says whose it is, and one that floods silences no other', () => {
    const clock = new SimulatedClock();
    const lines: Record<string, unknown>[] = [];
    const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const logger = createLogger({ level: 'info', format: 'json', stream, terminal: false });
    const log = stderrLog(logger, 2, clock);
    const [flooding, quiet] = [log('a', 0), log('b', 3)];
    for (let n = 0; n < 100; n++) flooding(`line ${n}`);
    quiet('hello');
    clock.increment(1000);
    expect(lines.map(({ time, level, ...line }) => line)).toEqual([
      { id: 'a', line: 'line 0', msg: 'stderr' },
      { id: 'a', line: 'line 1', msg: 'stderr' },
      { id: 'b', lane: 3, line: 'hello', msg: 'stderr' },
      { id: 'a', lines: 98, msg: 'lines of stderr were left out' },
    ]);
  });
});
