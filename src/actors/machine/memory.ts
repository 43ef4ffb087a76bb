/** What the service statechart remembers: its assignments, by the names the drawing shows. */
import { assign } from 'xstate';
import { backoffMs } from './backoff.ts';
import type { Incident, ServiceContext, ServiceEvent } from './model.ts';
import { failuresAfterLoss } from './rules.ts';
import { withStart } from './start-timeout.ts';

interface Arguments {
  readonly context: ServiceContext;
  readonly event: ServiceEvent;
}
type Update = (args: Arguments) => Partial<ServiceContext>;

const remember = (update: Update) =>
  assign<ServiceContext, ServiceEvent, undefined, ServiceEvent, never>(update);

/** The reasons of ends that are no failures. */
export const endings = {
  stopped: 'stopped on request',
  restarted: 'gateway restarted',
  idle: (idleMs: number) => `idle for ${Math.round(idleMs / 1000)} s`,
} as const;

const end = (reason: string): Incident => ({ kind: 'end', reason });

/** The context after a failure that leaves `failures` failures in a row, none of them forgiven. */
const owe = (context: ServiceContext, { at, chance }: ServiceEvent, failures: number) => ({
  failures,
  dueAt: at + backoffMs(context.policy, failures, chance),
});

export const memory = {
  /** The machine's own initial event carries no time; `since` then comes from the input. */
  'mark time': remember(({ context, event }) => ({ since: event.at ?? context.since })),
  'adopt config': remember(({ context, event }) =>
    event.type === 'reconfigured'
      ? {
          config: event.config,
          nextType: event.serviceType === context.type ? null : event.serviceType,
          starts: event.config === context.config ? context.starts : [],
        }
      : {},
  ),
  'adopt policy': remember(({ event }) => (event.type === 'policy changed' ? { policy: event.policy } : {})),
  /** An explicit start: earlier failures no longer count, and a type that was sent meanwhile takes effect. */
  'begin anew': remember(({ context }) => ({
    type: context.nextType ?? context.type,
    nextType: null,
    failures: 0,
    afterTeardown: 'recover',
    incident: null,
    lostTools: [],
  })),
  'count start': remember(({ context, event }) => ({
    generation: context.generation + 1,
    afterTeardown: 'recover',
    startTimeout: (event.type === 'start permitted' && event.timeout) || null,
  })),
  /** Told with the event, not counted here: what older records led to has to stay as it is (invariant 6). */
  'note start': remember(({ context, event }) =>
    event.type === 'start succeeded' && event.tookMs !== undefined
      ? { starts: withStart(context.starts, event.tookMs) }
      : {},
  ),
  'count restart': remember(({ context }) => ({ restarts: context.restarts + 1, afterTeardown: 'recover' })),
  'remember process': remember(({ context, event }) =>
    event.type === 'spawned'
      ? { processes: [...context.processes, { ...event.process, generation: event.generation }] }
      : {},
  ),
  'remember lane': remember(({ context, event }) =>
    event.type === 'lane spawned'
      ? {
          processes: [
            ...context.processes,
            { ...event.process, generation: event.generation, lane: event.lane },
          ],
        }
      : {},
  ),
  'forget lane': remember(({ context, event }) =>
    event.type === 'lane ended'
      ? { processes: context.processes.filter(({ lane }) => lane !== event.lane) }
      : {},
  ),
  /** Those of the start the event speaks of and of earlier ones; all of them when it speaks of none. */
  'forget processes': remember(({ context, event }) => ({
    processes:
      'generation' in event
        ? context.processes.filter(({ generation }) => generation > event.generation)
        : [],
  })),
  'note tools': remember(({ event }) =>
    event.type === 'tools listed'
      ? {
          tools: { generation: event.generation, hash: event.hash, count: event.count },
          lostTools: event.lost,
        }
      : {},
  ),
  'note ready': remember(({ event }) => ({ readyAt: event.at, misses: 0 })),
  'forget backend': remember(() => ({ readyAt: null, misses: 0 })),
  'owe nothing': remember(() => ({ dueAt: null })),
  'forget failures': remember(() => ({ failures: 0 })),
  'count miss': remember(({ context }) => ({ misses: context.misses + 1 })),
  'forget misses': remember(() => ({ misses: 0 })),
  'note start failure': remember(({ context, event }) =>
    event.type === 'start failed'
      ? {
          ...owe(context, event, context.failures + 1),
          incident: { kind: 'start', reason: event.reason },
        }
      : {},
  ),
  /** The restart is owed at once when the backend had outlasted its cooldown, else after it. */
  'note loss': remember(({ context, event }) => {
    const reason = 'reason' in event ? event.reason : event.type;
    const incident: Incident = { kind: 'loss', reason };
    const uptimeMs = event.at - (context.readyAt ?? event.at);
    const failures = failuresAfterLoss(context.policy, context.failures, uptimeMs);
    return failures === context.failures
      ? { incident, dueAt: null }
      : { incident, ...owe(context, event, failures) };
  }),
  'note stop': remember(() => ({ incident: end(endings.stopped), dueAt: null })),
  'note idleness': remember(({ event }) =>
    event.type === 'idled out' ? { incident: end(endings.idle(event.idleMs)) } : {},
  ),
  'note gateway restart': remember(() => ({ incident: end(endings.restarted), dueAt: null })),
  'note divergence': remember(({ event }) =>
    event.type === 'divergence found'
      ? { incident: { kind: 'divergence', reason: event.reason }, dueAt: null }
      : {},
  ),
  'then remove': remember(() => ({ afterTeardown: 'remove' })),
  'then start': remember(() => ({ afterTeardown: 'start' })),
  'then stop': remember(() => ({ afterTeardown: 'stop' })),
};
