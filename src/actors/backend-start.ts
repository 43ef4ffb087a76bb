/** Starting a service's backend: what earlier starts tell goes in, what this one tells is kept with its success. */
import type { BackendLauncher, Introduction, LaunchReport } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import type { ServiceConfig } from '../backends/config/service-config.ts';
import { configFingerprint } from '../backends/config/stored-config.ts';
import type { JsonObject } from '../store/event-log.ts';
import type { Documents } from './journal.ts';
import type { LanePool } from './lane-pool.ts';
import { historyAfter, historyFromJson, LAUNCHES } from './launch-history.ts';
import type { ServiceCommand, ServiceContext } from './machine/model.ts';
import type { EffectInput } from './machine/setup.ts';
import type { StartTimeoutSettings } from './machine/start-timeout.ts';
import { serverNameOf } from './server-name.ts';
import { HANDSHAKE } from './service-store.ts';
import type { BackendSlot } from './slot.ts';
import type { StartGate } from './start-gate.ts';

export interface StartOptions extends StartTimeoutSettings {
  readonly launcher: BackendLauncher;
  readonly gate: StartGate;
  readonly clock: Clock;
  slotOf(id: string): BackendSlot;
  lanesOf(id: string): LanePool;
  contextOf(id: string): ServiceContext;
  /** The stored config of a service; undefined when there is none. */
  configOf(id: string): ServiceConfig | undefined;
  /** What was kept of its earlier starts; undefined when there is nothing, or it cannot be read. */
  launchesOf(id: string): JsonObject | undefined;
}

export type SendBack = (event: ServiceCommand & { documents?: Documents }) => void;

/** A lane that all sessions share: what the backend may ask of clients is decided when it asks. */
const SHARED: Introduction = {
  era: 'legacy',
  protocolVersion: null,
  capabilities: { sampling: {}, elicitation: {}, roots: {} },
  clientInfo: null,
};

/** Starts it, and tells what comes of that. The returned call gives up a start that is under way. */
export function startBackend(
  options: StartOptions,
  sendBack: SendBack,
  { id, generation }: EffectInput,
): () => void {
  const { gate, slotOf, clock } = options;
  const startedAt = clock.now();
  const slot = slotOf(id);
  const told: { documents: Documents } = { documents: {} };
  let settled = false;
  gate.claim(id);
  const launched = slot.start(signal => launch(options, sendBack, { id, generation }, signal, told));
  launched.then(
    ({ handshake }) => {
      settled = true;
      const { name, version } = serverNameOf(handshake.serverInfo);
      const documents = { [HANDSHAKE]: handshake as unknown as JsonObject, ...told.documents };
      const server = `${name} ${version}`.trim();
      const tookMs = Math.max(0, clock.now() - startedAt);
      sendBack({ type: 'start succeeded', generation, server, tookMs, documents });
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

function launch(
  options: StartOptions,
  sendBack: SendBack,
  { id, generation }: EffectInput,
  signal: AbortSignal,
  told: { documents: Documents },
) {
  const { launcher, slotOf, lanesOf, configOf, contextOf, launchesOf, clock } = options;
  // npx may have looked for a newer version at any moment from now on.
  const now = clock.now();
  const slot = slotOf(id);
  const config = configOf(id);
  if (config === undefined)
    throw new Error('There is no stored config to start from; send one with x-mcp-json');
  const history = historyFromJson(launchesOf(id), configFingerprint(config));
  // After a failure nothing is taken for granted any more.
  const { failures, startTimeout } = contextOf(id);
  const doubt = failures === 0 ? null : 'the last start failed, or did not last';
  const directly = { lookedUpAt: history.lookedUpAt, doubt };
  const startTimeoutMs = startTimeout?.ms ?? config.startTimeoutMs ?? options.startTimeoutMs;
  lanesOf(id).open({ generation, config, directly, startTimeoutMs });
  return launcher.launch({
    id,
    generation,
    config,
    signal,
    directly,
    ...(config.isolation === 'shared' && { introduction: SHARED }),
    startTimeoutMs,
    onStderr: tail => {
      slot.stderrTail = tail;
    },
    onSpawned: (process, ran) => {
      const recorded = slot.awaitSpawnRecord(signal);
      sendBack({ type: 'spawned', generation, process, ...(ran !== null && { ran }) });
      return recorded;
    },
    onLaunched: (report: LaunchReport) => {
      told.documents = { [LAUNCHES]: { ...historyAfter(history, report, now) } };
    },
  });
}
