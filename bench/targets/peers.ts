/** Other gateways from npm, at the versions that were current when the figures were taken. Installed when first needed. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../test/support/free-port.ts';
import { BACKEND, endProcess, LISTEN_MS, type RunningTarget, type Target } from './target.ts';

interface Peer {
  readonly name: string;
  readonly package: 'supergateway' | 'mcp-proxy' | 'mcp-hub';
  /** Arguments behind the program. @param work a directory for its files */
  argv(port: number, work: string): readonly string[];
  readonly front: 'streamable' | 'httpSse';
  readonly path: string;
  readonly rename?: (tool: string) => string;
}

const VERSIONS = { supergateway: '4.0.0', 'mcp-proxy': '6.7.19', 'mcp-hub': '4.2.1' } as const;
const PROGRAMS = {
  supergateway: 'supergateway/dist/index.js',
  'mcp-proxy': 'mcp-proxy/dist/bin/mcp-proxy.mjs',
  'mcp-hub': 'mcp-hub/dist/cli.js',
} as const;

const supergateway = (output: string) => (port: number) => [
  ...['--stdio', BACKEND.join(' '), '--port', String(port), '--logLevel', 'none'],
  ...['--outputTransport', output, ...(output === 'sse' ? [] : ['--stateful'])],
];
const mcpProxy = (port: number) => ['--port', String(port), '--host', '127.0.0.1', '--', ...BACKEND];

const PEERS: readonly Peer[] = [
  {
    name: 'supergateway',
    package: 'supergateway',
    argv: supergateway('streamableHttp'),
    front: 'streamable',
    path: '/mcp',
  },
  {
    name: 'supergateway, SSE front',
    package: 'supergateway',
    argv: supergateway('sse'),
    front: 'httpSse',
    path: '/sse',
  },
  { name: 'mcp-proxy', package: 'mcp-proxy', argv: mcpProxy, front: 'streamable', path: '/mcp' },
  { name: 'mcp-proxy, SSE front', package: 'mcp-proxy', argv: mcpProxy, front: 'httpSse', path: '/sse' },
  {
    name: 'mcp-hub, SSE front',
    package: 'mcp-hub',
    argv(port, work) {
      const config = join(work, 'hub.json');
      const [command, ...args] = BACKEND;
      writeFileSync(config, JSON.stringify({ mcpServers: { x: { command, args } } }));
      return ['--port', String(port), '--config', config];
    },
    front: 'httpSse',
    path: '/mcp',
    rename: tool => `x__${tool}`,
  },
];

/** Installs the peers into a folder for temporary files, unless they are there. @throws {Error} of npm */
export async function peers(say: (line: string) => void): Promise<readonly Target[]> {
  const wanted = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`);
  const folder = join(tmpdir(), `evergate-bench-peers-${wanted.join('-')}`);
  const done = join(folder, 'installed');
  if (!existsSync(done)) {
    say(`installing ${wanted.join(', ')} into ${folder}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    const argv = ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...wanted];
    await promisify(execFile)('npm', argv, { cwd: folder, maxBuffer: 16 * 1024 * 1024 });
    writeFileSync(done, '');
  }
  return PEERS.map(peer => ({
    name: peer.name,
    kind: 'peer',
    start: () => start(peer, join(folder, 'node_modules')),
  }));
}

async function start(peer: Peer, modules: string): Promise<RunningTarget> {
  const work = mkdtempSync(join(tmpdir(), 'evergate-bench-peer-'));
  const port = await freePort();
  const argv = [join(modules, PROGRAMS[peer.package]), ...peer.argv(port, work)];
  const env = { ...process.env, HOME: work, XDG_STATE_HOME: work, NODE_ENV: 'production' };
  const child = spawn(process.execPath, argv, { stdio: 'ignore', env });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await endProcess(child);
    rmSync(work, { recursive: true, force: true });
  };
  for (const deadline = performance.now() + LISTEN_MS; !(await answers(url)); await wait(50)) {
    if (performance.now() < deadline && child.exitCode === null) continue;
    await stop();
    throw new Error(`${peer.name} does not listen`);
  }
  // mcp-hub listens before it has started what it serves.
  if (peer.package === 'mcp-hub') await wait(2_500);
  const rename = peer.rename ?? ((tool: string) => tool);
  return { pid: child.pid ?? 0, [peer.front]: url + peer.path, headers: '', rename, stop };
}

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );
