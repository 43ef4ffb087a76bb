import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { removeDirectory, temporaryDirectory } from '../support/gateway-process.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const TINY = join(ROOT, 'test/fixtures/tiny-server.mjs');
const npm = (cwd: string, ...args: string[]) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

describe('the published package', () => {
  const directory = temporaryDirectory();
  const home = join(directory, 'somewhere else');
  const bin = join(home, 'node_modules/.bin/evergate');
  let packed: Packed;

  beforeAll(() => {
    mkdirSync(home);
    // As `npm ci` built it: another build would take the page from under the gateways of other tests.
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory];
    [packed] = JSON.parse(npm(ROOT, ...pack)) as [Packed];
    writeFileSync(join(home, 'package.json'), '{"private": true}');
    npm(home, 'install', '--no-audit', '--no-fund', join(directory, packed.filename));
  }, 180_000);
  afterAll(() => removeDirectory(directory));

  it('given what it holds, then that is the program and its papers, no tests and no sources', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'dist/cli.js', 'dist/licenses.txt']),
    );
    expect(paths.filter(path => /\.(ts|map)$|^(src|test|bench)\//.test(path))).toEqual([]);
    const program = paths.filter(path => /^dist\/[^/]+\.js$/.test(path));
    // One character of another alphabet doubles what V8 holds of a file.
    for (const path of program)
      expect(readFileSync(join(ROOT, path), 'utf8'), path).not.toMatch(/[^\0-\x7f]/);
    const documents = paths.filter(path => path.startsWith('docs/'));
    expect(documents, 'of the documents those that the gateway shows').toEqual([
      'docs/api/index.html',
      'docs/api/openapi.json',
      'docs/statecharts/OneShot.svg',
      'docs/statecharts/Persistent.svg',
      'docs/statecharts/README.md',
    ]);
  });

  it('given it is installed elsewhere without development packages, then it serves a service', async () => {
    expect(execFileSync(bin, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
    const gateway = spawn(bin, ['--port', '0'], { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(async () => {
      const ended = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      await ended;
    });
    const [line] = await once(gateway.stdout.setEncoding('utf8'), 'data');
    const url = /listens on (\S+)/.exec(line)?.[1] ?? '';
    for (const path of ['/ui', '/ui/main.js', '/openapi.json', '/docs', '/api/v1/statechart']) {
      const served = await fetch(url + path, { headers: { accept: '*/*' } });
      expect(served.status, path).toBe(200);
    }
    const drawing = await fetch(`${url}/api/v1/statechart`, { headers: { accept: 'image/svg+xml' } });
    expect(await drawing.text()).toContain('<svg');
    const config = { command: process.execPath, args: [TINY] };
    const response = await fetch(`${url}/mcp/stream/proxy/tiny`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'x-mcp-json': Buffer.from(JSON.stringify(config)).toString('base64'),
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'test', version: '1' },
        },
      }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: 1, result: { protocolVersion: '2025-11-25' } });
  });
});
