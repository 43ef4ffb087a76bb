/** Streams that do nothing cost little, and are bounded (invariant 10). */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { callTool, checkStatus, tinyServer, untilState } from '../../support/http-client.ts';

const STREAMS = 10_000;
const AT_ONCE = 50;
const KIB_PER_STREAM = 64;

describe('10,000 clients that open a stream and then say nothing', () => {
  const dataDir = temporaryDirectory();
  const sockets: Socket[] = [];
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(dataDir, `--max-sessions=${STREAMS + 1}`);
    await checkStatus(gateway.url, 'svc', tinyServer(), 'Persistent');
    await untilState(gateway.url, 'svc', /^Ready/);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  /** Resolves with what the gateway says first: its head, and the first event of a stream. */
  async function open(): Promise<string> {
    const { hostname, port, host } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.setEncoding('utf8').on('error', () => socket.destroy());
    socket.write(`GET /mcp/sse/proxy/svc/sse HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`);
    let said = '';
    while (!/event: endpoint|"code":"\d{4}"/.test(said)) said += (await once(socket, 'data'))[0];
    return said;
  }

  const rssKib = () =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${gateway.process.pid}/status`, 'utf8'))?.[1]);

  it('leave the gateway small and able to answer; one more session than the bound is refused 0009', async () => {
    const before = rssKib();
    let left = STREAMS;
    const client = async () => {
      while (left-- > 0) expect(await open()).toContain('event: endpoint');
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    expect((rssKib() - before) / STREAMS).toBeLessThan(KIB_PER_STREAM);
    expect(await callTool(gateway.url, 'svc', 'echo', { message: 'still here' })).toBe('still here');
    const refused = await open();
    expect(refused).toMatch(/^HTTP\/1.1 503 [\s\S]*retry-after: \d+/i);
    expect(refused).toContain('"code":"0009"');
  }, 120_000);
});
