/** A launcher over a scripted transport: the test plays the backend from the first byte on. */
import { SimulatedClock } from 'xstate';
import type { Lane, LaunchRequest } from '../../src/backends/backend.ts';
import type { ServiceConfig } from '../../src/backends/config/service-config.ts';
import type { Connection } from '../../src/backends/connect.ts';
import { createLauncher } from '../../src/backends/launcher.ts';
import type { TransportEvents } from '../../src/backends/transport.ts';
import type { JsonObject } from '../../src/store/event-log.ts';
import { deferred } from './deferred.ts';
import { ScriptedTransport, type Sent } from './scripted-transport.ts';

export const config: ServiceConfig = {
  kind: 'stdio',
  command: 'server',
  args: [],
  env: { API_KEY: 'sesame-open' },
  cwd: null,
  name: null,
  tools: { allow: null, deny: [] },
  isolation: 'auto',
  startTimeoutMs: null,
  requestTimeoutMs: null,
  idleTimeoutMs: null,
};

export const spawned = { pid: 41, pgid: 41, startTicks: 7 };

export interface LaunchRig {
  readonly transport: ScriptedTransport;
  readonly clock: SimulatedClock;
  readonly abort: AbortController;
  readonly stderr: string[];
  /** Set by `connect`. */
  readonly connected: Promise<TransportEvents>;
  readonly connectSignal: () => AbortSignal | undefined;
  readonly hear: (message: object) => void;
  /** What the backend says to a method; by default it shakes hands and answers ping. */
  readonly answers: Record<string, (message: Sent) => object | null>;
  launch(overrides?: Partial<LaunchRequest>): Promise<Lane>;
}

export interface RigOptions {
  readonly capabilities?: JsonObject;
  readonly connect?: (connection: Connection, signal: AbortSignal) => Promise<Connection>;
}

export const initialized = {
  result: {
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 's', version: '1' },
    instructions: 'Be kind.',
  },
};

export function launchRig(options: RigOptions = {}): LaunchRig {
  const transport = new ScriptedTransport();
  const clock = new SimulatedClock();
  const stderr: string[] = [];
  const connected = deferred<TransportEvents>();
  let events: TransportEvents | undefined;
  let connectSignal: AbortSignal | undefined;
  const hear = (message: object) => {
    events?.onActivity();
    events?.onMessage(JSON.stringify({ jsonrpc: '2.0', ...message }));
  };
  const answers: LaunchRig['answers'] = {
    initialize: () => initialized,
    ping: () => ({ result: {} }),
    'server/discover': () => ({ error: { code: -32601, message: 'Method not found' } }),
  };
  transport.onSend = message => {
    const answer = answers[message.method ?? '']?.(message) ?? null;
    if (answer !== null) hear({ id: message.id, ...answer });
  };
  const launcher = createLauncher({
    version: '1.2.3',
    clock,
    onFault: error => {
      throw error;
    },
    ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
    connect: (_config, theEvents, signal) => {
      events = theEvents;
      connectSignal = signal;
      const connection = { transport, spawned, stderrTail: () => stderr };
      const connecting = options.connect?.(connection, signal) ?? Promise.resolve(connection);
      connected.resolve(theEvents);
      return connecting;
    },
  });
  const abort = new AbortController();
  const launch = (overrides: Partial<LaunchRequest> = {}) =>
    launcher.launch({
      id: 'x',
      generation: 3,
      config,
      startTimeoutMs: 1_000,
      onSpawned: async () => undefined,
      signal: abort.signal,
      ...overrides,
    });
  return {
    transport,
    clock,
    abort,
    stderr,
    connected: connected.promise,
    connectSignal: () => connectSignal,
    hear,
    answers,
    launch,
  };
}
