/** What the statechart's effects do in the world: take a permit, start, watch and tear down a backend. */
import { type EventObject, fromCallback } from 'xstate';
import type { BackendLauncher, Introduction, LossReason } from '../backends/backend.ts';
import type { ServiceConfig } from '../backends/config/service-config.ts';
import type { JsonObject } from '../store/event-log.ts';
import type { Documents } from './journal.ts';
import type { LanePool } from './lane-pool.ts';
import { serviceMachine } from './machine/index.ts';
import type { ServiceCommand } from './machine/model.ts';
import type { EffectInput } from './machine/setup.ts';
import { HANDSHAKE } from './service-store.ts';
import type { BackendSlot } from './slot.ts';
import type { StartGate } from './start-gate.ts';
import { type ToolWatchOptions, watchTools } from './tool-watch.ts';
import { usageOfAll } from './usage.ts';
import { type WatchReports, type WatchSettings, watchLane } from './watch.ts';

export interface EffectOptions extends WatchSettings, ToolWatchOptions {
  readonly launcher: BackendLauncher;
  readonly gate: StartGate;
  /** Longest silence of a start, in ms, unless the service's own config says otherwise. */
  readonly startTimeoutMs: number;
  slotOf(id: string): BackendSlot;
  lanesOf(id: string): LanePool;
  /** The stored config of a service; undefined when there is none. */
  configOf(id: string): ServiceConfig | undefined;
  /** Whether a request is held for this service: its start goes first. */
  isAwaited(id: string): boolean;
}

type SendBack = (event: ServiceCommand & { documents?: Documents }) => void;
type Params = { input: EffectInput; sendBack: (event: never) => void };

const effect = (run: (sendBack: SendBack, input: EffectInput) => () => void) =>
  fromCallback<EventObject, EffectInput>(({ input, sendBack }: Params) =>
    run(event => sendBack(event as never), input),
  );

/** The service machine with its effects: what live actors run. */
export function withEffects(options: EffectOptions) {
  return serviceMachine.provide({
    actors: {
      'start permit': effect((sendBack, { id, generation }) => {
        options.gate.enter(id, options.isAwaited(id), () =>
          sendBack({ type: 'start permitted', generation }),
        );
        return () => options.gate.leave(id);
      }),
      'backend start': effect((sendBack, input) => startBackend(options, sendBack, input)),
      'backend watch': effect((sendBack, input) => watchBackend(options, sendBack, input)),
      'tool watch': effect((sendBack, { id }) => {
        const { lane } = options.slotOf(id);
        return lane === null ? () => {} : watchTools(options, id, lane, sendBack);
      }),
      'backend teardown': effect((sendBack, { id, generation }) => {
        void options
          .slotOf(id)
          .close()
          .then(() => sendBack({ type: 'teardown finished', generation }));
        return () => {};
      }),
    },
    actions: {
      'confirm spawn': ({ self }) => options.slotOf(self.id).confirmSpawn(),
      'confirm lane spawn': ({ self, event }) => {
        if (event.type === 'lane spawned') options.lanesOf(self.id).confirmSpawn(event.lane);
      },
      'release backend': ({ self, context: { generation } }) => {
        const finished = { type: 'teardown finished', generation } satisfies ServiceCommand;
        void options
          .slotOf(self.id)
          .close()
          .then(() => self.send(finished as never));
      },
    },
  });
}

/** A lane that all sessions share: what the backend may ask of clients is decided when it asks. */
const SHARED: Introduction = {
  era: 'legacy',
  protocolVersion: null,
  capabilities: { sampling: {}, elicitation: {}, roots: {} },
  clientInfo: null,
};

function startBackend(
  options: EffectOptions,
  sendBack: SendBack,
  { id, generation }: EffectInput,
): () => void {
  const { gate, launcher, slotOf, lanesOf, configOf } = options;
  const slot = slotOf(id);
  let settled = false;
  gate.claim(id);
  const launched = slot.start(signal => {
    const config = configOf(id);
    if (config === undefined)
      throw new Error('There is no stored config to start from; send one with x-mcp-json');
    lanesOf(id).open({ generation, config });
    return launcher.launch({
      id,
      generation,
      config,
      signal,
      ...(config.isolation === 'shared' && { introduction: SHARED }),
      startTimeoutMs: config.startTimeoutMs ?? options.startTimeoutMs,
      onStderr: tail => {
        slot.stderrTail = tail;
      },
      onSpawned: process => {
        const recorded = slot.awaitSpawnRecord(signal);
        sendBack({ type: 'spawned', generation, process });
        return recorded;
      },
    });
  });
  launched.then(
    ({ handshake }) => {
      settled = true;
      const { name, version } = handshake.serverInfo;
      const documents = { [HANDSHAKE]: handshake as unknown as JsonObject };
      sendBack({
        type: 'start succeeded',
        generation,
        server: `${String(name)} ${String(version)}`,
        documents,
      });
    },
    (error: Error) => {
      settled = true;
      sendBack({ type: 'start failed', generation, reason: error.message });
    },
  );
  void launched.catch(() => {}).finally(() => gate.release(id));
  return () => {
    if (!settled) void slot.close();
  };
}

function watchBackend(
  options: EffectOptions,
  sendBack: SendBack,
  { id, generation }: EffectInput,
): () => void {
  const { lane } = options.slotOf(id);
  const lost = ({ message, exitCode, signal }: LossReason) =>
    sendBack({ type: 'backend lost', generation, reason: message, exitCode, signal });
  const given = idleTimeOf(options, id);
  if (lane === null || 'problem' in given) {
    const message = 'problem' in given ? given.problem : 'the backend is gone';
    lost({ message, exitCode: null, signal: null });
    return () => {};
  }
  const reports: WatchReports = {
    answered: () => sendBack({ type: 'probe answered', generation }),
    silent: reason => sendBack({ type: 'probe failed', generation, reason, decisive: false }),
    lost,
    idle: idleMs => sendBack({ type: 'idled out', generation, idleMs }),
  };
  const usage = usageOfAll(lane, options.lanesOf(id));
  return watchLane(lane, options, options.clock, given.idleMs, reports, usage);
}

/** An effect that throws would take the gateway with it: a config that cannot be read is told as a loss. */
function idleTimeOf(options: EffectOptions, id: string): { idleMs: number } | { problem: string } {
  try {
    return { idleMs: options.configOf(id)?.idleTimeoutMs ?? options.idleMs(id) };
  } catch (error) {
    return { problem: `its stored config cannot be read: ${(error as Error).message}` };
  }
}
