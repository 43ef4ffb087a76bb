/** What the statechart's effects do in the world: take a permit, start, watch and tear down a backend. */
import { type EventObject, fromCallback } from 'xstate';
import type { LossReason } from '../backends/backend.ts';
import { mayInstall } from '../backends/config/may-install.ts';
import { messageOf } from '../message-of.ts';
import { type SendBack, type StartOptions, startBackend } from './backend-start.ts';
import { serviceMachine } from './machine/index.ts';
import type { ServiceCommand } from './machine/model.ts';
import type { EffectInput } from './machine/setup.ts';
import { type StartedConfig, type StartTimeout, startTimeoutOf } from './machine/start-timeout.ts';
import { type ToolWatchOptions, watchTools } from './tool-watch.ts';
import { usageOfAll } from './usage.ts';
import { type WatchReports, type WatchSettings, watchLane } from './watch.ts';

export interface EffectOptions extends StartOptions, WatchSettings, ToolWatchOptions {
  /** Whether a request is held for this service: its start goes first. */
  isAwaited(id: string): boolean;
}

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
          sendBack({ type: 'start permitted', generation, timeout: timeoutOf(options, id) }),
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

/** A config that cannot be read is told by the start itself. */
function timeoutOf(options: EffectOptions, id: string): StartTimeout {
  let config: StartedConfig | null = null;
  try {
    const stored = options.configOf(id);
    if (stored !== undefined)
      config = { startTimeoutMs: stored.startTimeoutMs, mayInstall: mayInstall(stored) };
  } catch {
    // null is the careful choice
  }
  return startTimeoutOf(options.contextOf(id), options, config);
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
    return { problem: `its stored config cannot be read: ${messageOf(error)}` };
  }
}
