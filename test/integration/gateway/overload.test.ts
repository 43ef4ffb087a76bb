/** A gateway that has too much to do refuses early, with 0009 and `Retry-After`, and goes on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import {
  callTool,
  checkStatus,
  configHeader,
  knock,
  post,
  tinyServer,
  untilState,
} from '../../support/http-client.ts';
import { scrape } from '../../support/metrics.ts';

describe('overload', () => {
  let gateway: RunningGateway;
  let dataDir = '';
  const start = async (...flags: string[]) => {
    dataDir = temporaryDirectory();
    gateway = await startGateway(dataDir, ...flags);
    return gateway.url;
  };
  afterEach(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it('given memory that is short, then new work is refused, while status, metrics and health are answered', async () => {
    const url = await start('--max-memory-bytes', '1');
    const config = { 'x-mcp-json': configHeader(tinyServer()) };
    let answer = await knock(url, 'a', config);
    while (answer.status === 200) answer = await knock(url, 'a', config);
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([503, '0009', '1']);
    expect(answer.body.message).toContain('maxMemoryBytes');
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/mcp/check/status/a`)).status).toBe(200);
    expect((await scrape(url)).value('evergate_shed_total', { reason: 'overload' })).toBeGreaterThan(0);
  });

  it('given forty bodies of two megabytes for a service that still starts, then some are refused at once and all others are served', async () => {
    const mib = (count: number) => String(count * 1024 * 1024);
    const url = await start('--max-total-body-bytes', mib(16), '--max-initialize-length', mib(4));
    const go = join(dataDir, 'go');
    await checkStatus(url, 'slow', tinyServer('--start-when', go), 'OneShot');
    const large = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'x'.repeat(2 * 1024 * 1024) },
      },
    };
    const codes: string[] = [];
    const sent = Array.from({ length: 40 }, async () => {
      const { body } = await post(`${url}/mcp/stream/proxy/slow`, large);
      codes.push(body.code ?? 'result');
    });
    await expect.poll(() => codes).toEqual(Array(33).fill('0009'));
    writeFileSync(go, '');
    await Promise.all(sent);
    // Each is a little more than two megabytes, and is kept while it is held.
    expect(codes.filter(code => code === 'result')).toHaveLength(7);
    await untilState(url, 'slow', /Ready/);
    expect(await callTool(url, 'slow', 'echo', { message: 'still here' })).toBe('still here');
  });

  it('given a principal that asks too often, then it is refused, and served again when it has waited as it was told', async () => {
    const url = await start('--rate-limit-per-second', '1', '--rate-limit-burst', '3');
    await checkStatus(url, 'a', tinyServer(), 'OneShot');
    let answer = await knock(url, 'a');
    for (let n = 0; n < 50 && answer.body.code !== '0009'; n++) answer = await knock(url, 'a');
    expect([answer.status, answer.body.code]).toEqual([503, '0009']);
    const waitMs = Number(answer.headers.get('retry-after')) * 1000;
    await new Promise(resolve => setTimeout(resolve, waitMs));
    expect((await knock(url, 'a')).status).toBe(200);
  });
});
