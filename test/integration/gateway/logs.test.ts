/** The log of a gateway as whoever runs it finds it: JSON lines, each with what it takes to follow one request through them. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, configHeader, knock, tinyServer } from '../../support/http-client.ts';

const traceOf = (digit: string) => digit.repeat(32);
const traceparent = (digit: string) => ({ traceparent: `00-${traceOf(digit)}-00f067aa0ba902b7-01` });

describe('the log', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  let url: string;

  beforeAll(async () => {
    gateway = await startGateway(dataDir, '--log-stderr-per-second', '3');
    url = gateway.url;
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  /** Every line there is; one that is no JSON object fails the test. */
  const lines = () =>
    gateway
      .log()
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Record<string, unknown>);
  async function until(matches: (line: Record<string, unknown>) => boolean) {
    for (;;) {
      const found = lines().find(matches);
      if (found !== undefined) return found;
      await new Promise(resolve => setImmediate(resolve));
    }
  }
  /** What happened under a trace id, up to that event; lines come after what they tell of. */
  async function eventsOf(tid: string, last: string) {
    await until(line => line.tid === tid && line.event === last);
    return lines().flatMap(line => (line.tid === tid ? [[line.id, line.event]] : []));
  }

  it('given a data request that brings a config, then every line up to Ready has its trace id', async () => {
    const config = { 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'OneShot' };
    expect((await knock(url, 'a', { ...config, ...traceparent('a') })).status).toBe(200);
    expect(await eventsOf(traceOf('a'), 'start succeeded')).toEqual(
      ['registered', 'start requested', 'start permitted', 'spawned', 'start succeeded'].map(event => [
        'a',
        event,
      ]),
    );
  });

  it('given a management request, then the same', async () => {
    const headers = { 'content-type': 'application/json', ...traceparent('b') };
    const body = JSON.stringify({ mcpId: 'b', mcpJsonConfig: tinyServer(), mcpType: 'Persistent' });
    await fetch(`${url}/mcp/stream/check_status`, { method: 'POST', headers, body });
    expect((await eventsOf(traceOf('b'), 'start succeeded')).map(([id]) => id)).toContain('b');
    await fetch(`${url}/mcp/config/delete/b`, { method: 'DELETE', headers: traceparent('c') });
    expect((await eventsOf(traceOf('c'), 'teardown finished')).map(([, event]) => event)).toEqual([
      'removal requested',
      'teardown finished',
    ]);
  });

  it('given requests that are refused, held or broken, then each has a line, and what a client made up stays on it', async () => {
    await knock(url, 'nobody', traceparent('d'));
    expect(await until(line => line.tid === traceOf('d'))).toMatchObject({
      id: 'nobody',
      code: '0001',
      status: 404,
    });
    await knock(url, 'forged%0A%7B%22level%22:%22fatal%22%7D', traceparent('e'));
    expect(await until(line => line.tid === traceOf('e'))).toMatchObject({ id: 'forged\n{"level":"fatal"}' });
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname).on('error', () => socket.destroy());
    socket.end('GET \u001b[2J\n\n\n');
    expect(await until(line => line.msg === 'refused' && line.method === undefined)).toMatchObject({
      status: 400,
    });
    expect(lines().some(({ level }) => level === 'fatal')).toBe(false);
  });

  it('given a backend that floods stderr with escape codes, then lines name it, are harmless, few, and counted', async () => {
    const script = `for (let n = 0; n < 50; n++) process.stderr.write('\\u001b[31mline ' + n + '\\u202E\\n'); setTimeout(() => {}, 3000)`;
    await checkStatus(url, 'noisy', { command: process.execPath, args: ['-e', script] }, 'OneShot');
    const shown = () => lines().filter(({ msg }) => msg === 'stderr');
    const leftOut = () => lines().filter(({ msg }) => msg === 'lines of stderr were left out');
    const told = () => shown().length + leftOut().reduce((sum, { lines: number }) => sum + Number(number), 0);
    await until(() => told() === 50);
    expect(
      shown()
        .slice(0, 3)
        .map(({ id, line }) => [id, line]),
    ).toEqual([0, 1, 2].map(n => ['noisy', `line ${n}\uFFFD`]));
    expect(leftOut().map(({ id }) => id)).toEqual(leftOut().map(() => 'noisy'));
    expect(shown().length).toBeLessThan(50);
  });
});
