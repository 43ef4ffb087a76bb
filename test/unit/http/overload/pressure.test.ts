import { describe, expect, it } from 'vitest';
import { Pressure } from '../../../../src/http/overload/pressure.ts';
import { EventLoopWatch, type Lag } from '../../../../src/metrics/event-loop.ts';
import { RequestMeters } from '../../../../src/metrics/request-meters.ts';
import { dataRoute, testApp } from '../../../support/http-app.ts';

const lag = (meanMs: number): Lag => ({ meanMs, maxMs: 10 * meanMs });
const memory = { heapUsed: 100, external: 50 };

describe('pressure', () => {
  it('given a lag past its bound twice in a row, then it is told with both, and is over with the lag', () => {
    const pressure = new Pressure({ maxEventLoopLagMs: 1000, maxMemoryBytes: 0 });
    pressure.judge(lag(1000), memory);
    expect(pressure.reason).toBeNull();
    pressure.judge(lag(1001), memory);
    pressure.judge(lag(1001), memory);
    expect(pressure.reason).toBe('the event loop is 1001 ms late (maxEventLoopLagMs)');
    pressure.judge(lag(5), memory);
    expect(pressure.reason).toBeNull();
  });

  it('given one stall, however long, then it is none: the disk may have been slow', () => {
    const pressure = new Pressure({ maxEventLoopLagMs: 1000, maxMemoryBytes: 0 });
    for (const ms of [60_000, 5, 60_000, 0]) {
      pressure.judge(lag(ms), memory);
      expect(pressure.reason).toBeNull();
    }
  });

  it('given memory of heap and buffers past its bound, then it is told', () => {
    const pressure = new Pressure({ maxEventLoopLagMs: 1000, maxMemoryBytes: 150 });
    pressure.judge(lag(0), memory);
    expect(pressure.reason).toBeNull();
    pressure.judge(lag(0), { heapUsed: 100, external: 51 });
    expect(pressure.reason).toBe('memory is short (maxMemoryBytes)');
  });

  it('given a heap near the limit at which the process ends, then it is told whatever the settings say', () => {
    const pressure = new Pressure({ maxEventLoopLagMs: 0, maxMemoryBytes: 0 }, 110);
    pressure.judge(lag(60_000), memory);
    expect(pressure.reason).toBe('memory is short (the heap is nearly full)');
  });

  it('given bounds of 0, then nothing is too much', () => {
    const pressure = new Pressure({ maxEventLoopLagMs: 0, maxMemoryBytes: 0 });
    pressure.judge(lag(60_000), memory);
    expect(pressure.reason).toBeNull();
  });
});

describe('the watch on the event loop', () => {
  it('given one stall, then it is the maximum of its interval; given stall upon stall, then it is the mean, too', async () => {
    const judged: Lag[] = [];
    let tell = () => {};
    const watch = new EventLoopWatch(found => {
      judged.push(found);
      tell();
    });
    const next = () =>
      new Promise<Lag>(resolve => {
        tell = () => resolve(watch.lag);
      });
    const stall = (ms: number) => {
      const until = performance.now() + ms;
      while (performance.now() < until);
    };
    await next();
    const single = next();
    stall(300);
    expect((await single).maxMs).toBeGreaterThan(200);
    for (let n = 0; n < 3; n++) {
      const late = next();
      setTimeout(stall, 0, 700);
      await late;
    }
    expect(judged.at(-1)?.meanMs).toBeGreaterThan(500);
    watch.stop();
  });
});

describe('a gateway under pressure', () => {
  it('given new work, then it is refused with 0009 and Retry-After; whoever looks is answered', async () => {
    const pressure: { reason: string | null } = { reason: null };
    const meters = new RequestMeters();
    const { app } = testApp({ pressure, meters, fronts: dataRoute(() => 'reached') });
    const call = { method: 'POST', url: '/mcp/stream/proxy/a', payload: {} } as const;
    const add = { method: 'POST', url: '/mcp/stream/add', payload: { mcp_json_config: {} } } as const;
    expect((await app.inject(call)).statusCode).toBe(200);
    pressure.reason = 'the event loop is 1234 ms late (maxEventLoopLagMs)';
    for (const work of [call, add]) {
      const reply = await app.inject(work);
      expect([reply.statusCode, reply.json().code, reply.headers['retry-after']]).toEqual([503, '0009', '1']);
      expect(reply.json().message).toContain('1234 ms late');
    }
    for (const url of ['/health', '/ready', '/mcp/check/status/a'])
      expect((await app.inject({ url })).statusCode).toBe(200);
    expect(meters.shed.overload).toBe(2);
    pressure.reason = null;
    expect((await app.inject(call)).statusCode).toBe(200);
  });
});
