import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { callTool, configHeader, knock, tinyServer } from '../../support/http-client.ts';

const MIB = 1024 * 1024;

describe('large messages', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  let url: string;

  beforeAll(async () => {
    gateway = await startGateway(dataDir, '--max-message-bytes', String(40 * MIB));
    url = gateway.url;
    await knock(url, 'large', { 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'Persistent' });
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it("a 30 MB result reaches its client while another session's calls go on", async () => {
    const large = callTool(url, 'large', 'blob', { bytes: 30_000_000 });
    const small: string[] = [];
    for (let n = 0; n < 20; n++) small.push(await callTool(url, 'large', 'echo', { message: `small ${n}` }));
    expect((await large).length).toBe(30_000_000);
    expect(small).toEqual(Array.from({ length: 20 }, (_, n) => `small ${n}`));
  });

  it('given long arguments between short ones, then all arrive as they were sent, each at its backend call', async () => {
    const message = (n: number) => `${n} "é語😀\\ \n`.repeat(200_000);
    const calls = [1, 2, 3].flatMap(n => [
      callTool(url, 'large', 'echo', { message: message(n) }),
      callTool(url, 'large', 'echo', { message: `short ${n}` }),
    ]);
    const echoes = await Promise.all(calls);
    expect(echoes.map(echo => echo.length)).toEqual(
      [1, 2, 3].flatMap(n => [message(n).length, 'short 1'.length]),
    );
    expect(echoes).toEqual([1, 2, 3].flatMap(n => [message(n), `short ${n}`]));
  });

  it('a message over the bound fails that call alone; the backend is not restarted', async () => {
    const before = JSON.parse(await callTool(url, 'large', 'who', {})) as { pid: number };
    const sleeping = callTool(url, 'large', 'sleep', { ms: 1500 });
    await expect(callTool(url, 'large', 'blob', { bytes: 41 * MIB })).rejects.toThrow(/0005.*bytes/);
    expect(await sleeping).toBe('slept 1500 ms');
    const after = JSON.parse(await callTool(url, 'large', 'who', {})) as { pid: number };
    expect(after.pid).toBe(before.pid);
  });
});
