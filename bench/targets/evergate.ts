/** Evergate as its users run it, with everything on: tokens, journal, metrics, a log at info. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BACKEND, type Started, startListening, type Target } from './target.ts';

const CLI = 'dist/cli.js';
const LISTENS = /^Evergate listens on (\S+)$/m;
const TOKEN = 'a-token-of-the-benchmark-0123456789';
const SERVICE = 'echo';

export const AUTHORIZATION = `Authorization: Bearer ${TOKEN}\r\n`;

export interface GatewayOptions {
  /** Kept after the end if given; else a directory of its own, gone with it. */
  readonly dataDir?: string;
  readonly flags?: readonly string[];
  /** What is run instead of the built package. */
  readonly cli?: string;
  /** Flags of Node. */
  readonly node?: readonly string[];
  /** Without any service. */
  readonly isEmpty?: boolean;
}

export interface RunningGateway extends Started {
  /** Endpoints of one service: the declared one by default. */
  streamable(id?: string): string;
  httpSse(id?: string): string;
}

/** Starts the built package with one declared service. @throws {Error} it does not listen */
export async function startEvergate({
  dataDir,
  cli = CLI,
  flags = [],
  node = [],
  isEmpty = false,
}: GatewayOptions = {}): Promise<RunningGateway> {
  const work = mkdtempSync(join(tmpdir(), 'evergate-bench-'));
  const config = join(work, 'config.json');
  const [command, ...args] = BACKEND;
  const authTokens = [`bench:call+manage+view:${TOKEN}`];
  const mcpServers = isEmpty ? {} : { [SERVICE]: { command, args } };
  writeFileSync(config, JSON.stringify({ authTokens, mcpServers }));
  const data = dataDir ?? join(work, 'data');
  const argv = [...node, cli, 'serve', '--port', '0', '--data-dir', data, '--config', config, ...flags];
  const started = await startListening(argv, LISTENS);
  return {
    ...started,
    streamable: (id = SERVICE) => `${started.url}/mcp/stream/proxy/${id}`,
    httpSse: (id = SERVICE) => `${started.url}/mcp/sse/proxy/${id}/sse`,
    stop: async () => {
      await started.stop();
      rmSync(work, { recursive: true, force: true });
    },
  };
}

export const EVERGATE: Target = {
  name: 'Evergate',
  kind: 'ours',
  async start() {
    const gateway = await startEvergate();
    return {
      pid: gateway.pid,
      streamable: gateway.streamable(),
      httpSse: gateway.httpSse(),
      headers: AUTHORIZATION,
      rename: tool => tool,
      stop: gateway.stop,
    };
  },
};
