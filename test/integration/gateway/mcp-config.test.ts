import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { runLog } from '../../support/log-command.ts';

const TINY = new URL('../../fixtures/tiny-server.mjs', import.meta.url).pathname;

interface Status {
  readonly ready: boolean;
  readonly message: string;
  readonly since: string;
}

describe('evergate serve --mcp-config', () => {
  let directory: string;
  let file: string;
  let gateway: RunningGateway;

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory, 'mcp.json');
  });
  afterEach(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(directory);
  });

  const server = (mark: string) => ({ command: process.execPath, args: [TINY], env: { MARK: mark } });
  const write = (servers: object) => writeFileSync(file, JSON.stringify({ mcpServers: servers }));
  const start = async (data = 'data') => {
    gateway = await startGateway(join(directory, data), '--mcp-config', file);
  };
  const status = async (id: string): Promise<Status> => {
    const response = await fetch(`${gateway.url}/mcp/check/status/${id}`);
    return ((await response.json()) as { data: Status }).data;
  };
  const ready = (id: string) =>
    expect.poll(async () => (await status(id)).ready, { timeout: 20_000 }).toBe(true);
  const gone = (id: string) =>
    expect.poll(async () => (await status(id)).message, { timeout: 20_000 }).toContain('No such service');

  it('given a file that changes, then new, changed and removed services follow, and unchanged ones are not touched', async () => {
    write({ kept: server('1'), changed: server('1'), removed: server('1') });
    await start();
    for (const id of ['kept', 'changed', 'removed']) await ready(id);
    const before = { kept: await status('kept'), changed: await status('changed') };
    write({ kept: server('1'), changed: server('2'), added: server('1') });
    await ready('added');
    await gone('removed');
    await expect
      .poll(
        async () => {
          const { ready: isReady, since } = await status('changed');
          return isReady && since !== before.changed.since;
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    expect(await status('kept')).toEqual(before.kept);
    await expect.poll(() => gateway.log()).toContain('"what":"changed","msg":"server file"');
  });

  it('given a file that breaks, then it is said once, and everything stays until it is mended', async () => {
    write({ kept: server('1') });
    await start();
    await ready('kept');
    writeFileSync(file, '{"mcpServers": ');
    const complaint = 'the file is not valid JSON at line 1';
    await expect.poll(() => gateway.log(), { timeout: 20_000 }).toContain(complaint);
    expect((await status('kept')).ready).toBe(true);
    write({ kept: server('1'), added: server('1') });
    await ready('added');
    expect(
      gateway
        .log()
        .split('\n')
        .filter(line => line.includes(complaint)),
    ).toHaveLength(1);
  });

  it('given a service that left the file while the gateway was down, then it is let go at the next start', async () => {
    write({ kept: server('1'), removed: server('1') });
    await start();
    await ready('removed');
    await gateway.end('SIGKILL');
    write({ kept: server('1') });
    await start();
    await gone('removed');
    await ready('kept');
  });

  it('given a gateway that is started over a backup, then a service that left the file since is let go', async () => {
    write({ kept: server('1'), removed: server('1') });
    await start();
    await ready('removed');
    const backup = ['backup', join(directory, 'backup'), '--data-dir', join(directory, 'data')];
    expect(await runLog(...backup)).toMatchObject({ code: 0, err: '' });
    await gateway.end('SIGTERM');
    write({ kept: server('1') });
    await start('backup');
    await gone('removed');
    await ready('kept');
  });

  it('given a file at fault at the start, then the gateway does not start, and says why', async () => {
    write({ bad: { args: [] } });
    await expect(start()).rejects.toThrow(/mcp\.json: mcpServers\.bad has neither a "command" nor a "url"/);
    write({});
    await start();
  });
});
