/** What the suites talk to: a gateway in front of the fixtures, or a fixture by itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.ts';
import { removeDirectory, startGateway, temporaryDirectory } from '../../test/support/gateway-process.ts';
import { Fault } from './fault.ts';
import { FIXTURES, type FixtureName } from './suites.ts';

export interface Target {
  url(fixture: FixtureName): string;
  close(): Promise<void>;
}

const script = (fixture: FixtureName) =>
  fileURLToPath(new URL(`../../test/fixtures/conformance/${fixture}-server.mjs`, import.meta.url));

/** One gateway with a service for each fixture, as stdio backends. */
export async function gatewayTarget(): Promise<Target> {
  const dir = temporaryDirectory();
  const file = join(dir, 'evergate.json');
  const servers = FIXTURES.map(fixture => [fixture, { command: process.execPath, args: [script(fixture)] }]);
  writeFileSync(file, JSON.stringify({ mcpServers: Object.fromEntries(servers) }));
  const gateway = await startGateway(join(dir, 'data'), '--config', file, '--log-level', 'warn').catch(
    error => {
      removeDirectory(dir);
      throw new Fault(String(error));
    },
  );
  return {
    url: fixture => `${gateway.url}/mcp/stream/proxy/${fixture}`,
    close: async () => {
      await gateway.end('SIGTERM');
      removeDirectory(dir);
    },
  };
}

/** The fixture's own HTTP endpoint. */
export async function directTarget(fixture: FixtureName): Promise<Target> {
  const port = await freePort();
  const child = spawn(process.execPath, [script(fixture), '--http', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', text => {
      log += text;
      if (log.includes('listening on')) resolve();
    });
    child.once('exit', code => reject(new Fault(`the ${fixture} fixture ended with ${code}: ${log}`)));
  });
  return {
    url: () => `http://127.0.0.1:${port}/mcp`,
    close: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
