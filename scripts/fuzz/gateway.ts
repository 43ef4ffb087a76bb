/** The whole gateway in this process, with bounds small enough to be reached and rules that let configs start nothing else. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { openGateway } from '../../src/main.ts';
import { ALLOWED_COMMANDS } from './fixture.ts';
import { Routes } from './routes.ts';

const SETTINGS = {
  port: 0,
  allowedCommands: ALLOWED_COMMANDS,
  allowedRemoteHosts: ['127.0.0.1'],
  authTokens: [
    { name: 'all', scopes: 'call+manage+view', token: 'all' },
    { name: 'call', scopes: 'call', token: 'call' },
    { name: 'some', scopes: 'call+manage+view', token: 'some', services: ['a', 'b', '__proto__'] },
  ],
  logLevel: 'warn',
  logFormat: 'json',
  startTimeoutMs: 2_000,
  pendingWaitMs: 300,
  requestTimeoutMs: 1_000,
  restartCooldownMs: 50,
  restartCooldownMaxMs: 200,
  maxStartFailures: 2,
  keepAliveMs: 100,
  probeIntervalMs: 500,
  wrongTokensPerMinute: 6_000,
  maxServices: 40,
  maxSessions: 60,
  // Of clients that never say that they are done: else there would soon be no room for others.
  sessionIdleMs: 1_000,
  // What is kept of them is swept after a quarter of it: else its timer is there for long, or not yet when all is counted first.
  replayWindowMs: 4_000,
  maxHeldRequests: 20,
  maxLanesPerService: 3,
  maxBodyBytes: 200_000,
  maxConfigBytes: 20_000,
  maxHeaderBytes: 16_384,
};

export interface FuzzedGateway {
  readonly url: string;
  readonly routes: Routes;
  /** Log lines from `error` on: none is expected. */
  readonly errors: string[];
  close(): Promise<void>;
}

export async function openFuzzedGateway(): Promise<FuzzedGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'evergate-fuzz-'));
  const file = JSON.stringify({ ...SETTINGS, dataDir: directory });
  const { settings } = loadSettings({ argv: ['--config', 'fuzz.json'], env: {}, readFile: () => file });
  const errors: string[] = [];
  const stream = {
    write(line: string) {
      if (/"level":"(?:error|fatal)"/.test(line)) errors.push(line);
    },
  };
  const routes = new Routes();
  const gateway = await openGateway(settings, createLogger({ level: 'warn', format: 'json', stream }), {
    onRoute: routes.add,
  });
  return {
    url: gateway.url,
    routes,
    errors,
    close: async () => {
      await gateway.close();
      rmSync(directory, { recursive: true });
    },
  };
}
