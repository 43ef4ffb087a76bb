/** A lane to a remote server, as the launcher makes it, and a session on it that keeps what it hears. */
import { onTestFinished } from 'vitest';
import type { CallFailure, Introduction, Lane, LaneSession } from '../../src/backends/backend.ts';
import type { RemoteConfig, ServiceConfig } from '../../src/backends/config/service-config.ts';
import { connectWith } from '../../src/backends/connect-any.ts';
import { createLauncher } from '../../src/backends/launcher.ts';
import type { RemoteOptions } from '../../src/backends/remote/connect-remote.ts';
import { readMessage } from '../../src/backends/rpc/text.ts';
import { config as stdioConfig } from './launch.ts';

export type Outcome = { readonly result?: unknown; readonly error?: unknown } & Partial<CallFailure>;

export function remoteConfig(url: string, overrides: Partial<RemoteConfig> = {}): ServiceConfig {
  const { name, tools, isolation, startTimeoutMs, requestTimeoutMs, idleTimeoutMs } = stdioConfig;
  return {
    kind: 'remote',
    url,
    transport: 'streamable-http',
    headers: {},
    timeoutMs: null,
    connectTimeoutMs: null,
    maxRetries: 2,
    retryMinBackoffMs: 10,
    retryMaxBackoffMs: 20,
    ...{ name, tools, isolation, startTimeoutMs, requestTimeoutMs, idleTimeoutMs },
    ...overrides,
  };
}

/** Launches; the lane is closed after the test. */
export async function launchRemote(
  config: ServiceConfig,
  options: Partial<RemoteOptions> = {},
  signal: AbortSignal = new AbortController().signal,
  introduction?: Introduction,
): Promise<Lane> {
  const launcher = createLauncher({
    connect: connectWith({
      environment: {},
      instance: 'test',
      remote: { allowLoopback: true, ...options },
    }),
    version: '1',
    onFault: error => {
      throw error;
    },
  });
  const lane = await launcher.launch({
    id: 'x',
    generation: 1,
    config,
    startTimeoutMs: 20_000,
    onSpawned: async () => undefined,
    signal,
    ...(introduction !== undefined && { introduction }),
  });
  onTestFinished(() => lane.close());
  return lane;
}

export class RemoteClient {
  readonly heard: unknown[] = [];
  readonly session: LaneSession;
  #last = 0;

  constructor(lane: Lane, capabilities: Record<string, object> = {}) {
    const deliver = (text: string) => this.heard.push(JSON.parse(text)) > 0;
    this.session = lane.open({ id: 'client', capabilities: capabilities as never, deliver });
  }

  /** Resolves with the response or the failure, whichever is the outcome. */
  request(method: string, params: object = {}, id: number | string = ++this.#last): Promise<Outcome> {
    const message = readMessage(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    if (message.kind !== 'request') throw new Error('no request');
    return new Promise(resolve => {
      this.session.request(message, {
        message: text => this.heard.push(JSON.parse(text)),
        result: text => resolve(JSON.parse(text)),
        fail: resolve,
      });
    });
  }

  call(tool: string): Promise<Outcome> {
    return this.request('tools/call', { name: tool, arguments: {} });
  }

  notify(method: string, params: object): void {
    const message = readMessage(JSON.stringify({ jsonrpc: '2.0', method, params }));
    if (message.kind === 'notification') this.session.notify(message);
  }
}
