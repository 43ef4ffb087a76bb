/** An MCP server over HTTP as a process of its own, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.ts';

export interface RemoteProcess {
  readonly origin: string;
  end(): Promise<void>;
}

/** `@modelcontextprotocol/server-everything` over `streamableHttp` or `sse`. */
export const startEverything = (mode: 'streamableHttp' | 'sse') =>
  startRemote(port => ({
    args: ['node_modules/@modelcontextprotocol/server-everything/dist/index.js', mode],
    env: { PORT: String(port) },
  }));

/** The conformance fixture that speaks the modern and the legacy era, at `/mcp`. */
export const startDual = () =>
  startRemote(port => ({
    args: ['test/fixtures/conformance/dual-server.mjs', '--http', String(port)],
    env: {},
  }));

async function startRemote(
  command: (port: number) => { readonly args: string[]; readonly env: Record<string, string> },
): Promise<RemoteProcess> {
  const port = await freePort();
  const { args, env } = command(port);
  const cwd = new URL('../..', import.meta.url).pathname;
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  return {
    origin: `http://127.0.0.1:${port}`,
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function listening(child: ChildProcess): Promise<void> {
  let log = '';
  return new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (/listening on|running on port/.test(log)) resolve();
    });
    child.once('exit', code => reject(new Error(`the server ended with ${code}: ${log}`)));
  });
}
