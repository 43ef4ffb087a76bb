import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { gatewayArgv } from '../../support/gateway-build.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  startGatewayWith,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import {
  callTool,
  checkStatus,
  configHeader,
  knock,
  statusOf,
  tinyServer,
  untilState,
} from '../../support/http-client.ts';

/** Runs a command that can only read what is in a directory. */
function readingOnly(directory: string, ...argv: string[]) {
  const script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';
  return spawnSync('unshare', ['-rm', 'sh', '-c', script, directory, ...argv], { encoding: 'utf8' });
}

const directory = temporaryDirectory();
const dataDir = join(directory, 'data');

/** Not every system lets its users mount. */
const canMount = readingOnly(directory, 'true').status === 0;

const PRELOAD = fileURLToPath(new URL('../../fixtures/read-only-disk.mjs', import.meta.url));

describe('a file system that is read-only', () => {
  let gateway: RunningGateway | undefined;

  afterEach(async () => {
    await gateway?.end('SIGTERM');
    removeDirectory(dataDir);
  });

  afterAll(() => removeDirectory(directory));

  it.skipIf(!canMount)(
    'given it is so at the start, then the gateway ends and says what helps; the log can be read; once it can be written all is there',
    async () => {
      gateway = await startGateway(dataDir);
      await checkStatus(gateway.url, 'kept', tinyServer(), 'Persistent');
      await untilState(gateway.url, 'kept', /^Ready/);
      await gateway.end('SIGTERM');
      const evergate = (...argv: string[]) =>
        readingOnly(directory, process.execPath, ...gatewayArgv(), ...argv);

      const refused = evergate('--port', '0', '--data-dir', dataDir);
      expect([refused.status, refused.stdout]).toEqual([1, '']);
      expect(refused.stderr).toMatch(/cannot open the event log .*: make the file system writable\n$/);
      const fresh = evergate('--port', '0', '--data-dir', join(directory, 'other'));
      expect([fresh.status, fresh.stdout]).toEqual([1, '']);
      expect(fresh.stderr).toMatch(/cannot open the event log .*: make the file system writable\n$/);
      const verified = evergate('log', 'verify', '--data-dir', dataDir);
      expect([verified.status, verified.stdout]).toEqual([0, expect.stringContaining('1 services')]);

      gateway = await startGateway(dataDir);
      await untilState(gateway.url, 'kept', /^Ready/);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'given it becomes so, then what needs a write is refused 0009 with what helps, what is Ready serves, and all goes on when it can be written',
    async () => {
      const marker = join(directory, 'read-only');
      const variables = { NODE_OPTIONS: `--import=${PRELOAD}`, READ_ONLY_WHILE: marker };
      gateway = await startGatewayWith(variables, dataDir);
      const { url } = gateway;
      const header = { 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'Persistent' };
      await knock(url, 'ready', header);

      writeFileSync(marker, '');
      const { status, headers, body } = await knock(url, 'new', header);
      expect([status, body.code]).toEqual([503, '0009']);
      expect(body.message).toMatch(/cannot append to the event log .*EROFS.*: make the file system writable/);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await callTool(url, 'ready', 'echo', { message: 'served' })).toBe('served');
      expect([(await statusOf(url, 'ready')).ready, (await statusOf(url, 'new')).status]).toEqual([
        true,
        'Error',
      ]);

      rmSync(marker);
      expect((await knock(url, 'new', header)).status).toBe(200);
      expect(await callTool(url, 'new', 'echo', { message: 'again' })).toBe('again');
      expect(await gateway.end('SIGTERM')).toBe(0);
    },
  );
});
