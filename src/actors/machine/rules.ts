/** Guards and delays of the service statechart, by the names the drawing shows. Pure functions of context and event. */
import { backoffMs } from './backoff.ts';
import type { Policy, ServiceContext, ServiceEvent } from './model.ts';

interface Arguments {
  readonly context: ServiceContext;
  readonly event: ServiceEvent;
}

const isCurrent = ({ context, event }: Arguments) =>
  'generation' in event && event.generation === context.generation;

const failuresUsedUp = ({ failures, policy }: ServiceContext) => failures >= policy.maxStartFailures;

const recoversByItself = (context: ServiceContext) =>
  context.afterTeardown === 'recover' && context.type === 'Persistent' && !failuresUsedUp(context);

export const guards = {
  'is OneShot': ({ context }: Arguments) => context.type === 'OneShot',
  'is current': isCurrent,
  /** News of an earlier start: ignored. */
  'is stale': (args: Arguments) => !isCurrent(args),
  'config or type differs': ({ context, event }: Arguments) =>
    event.type === 'reconfigured' &&
    (event.config !== context.config || event.serviceType !== (context.nextType ?? context.type)),
  'has processes': ({ context }: Arguments) => context.processes.length > 0,
  'has failures': ({ context }: Arguments) => context.failures > 0,
  'warms up lazily': ({ event }: Arguments) => event.type === 'gateway restarted' && event.warmup === 'lazy',
  /** This unanswered probe makes the backend count as lost. */
  'is the last straw': ({ context, event }: Arguments) =>
    event.type === 'probe failed' && (event.decisive || context.misses + 1 >= context.policy.probeFailures),
  /** One more failed start ends a Persistent service; a start that did not last was counted when it was lost. */
  'start failures used up': ({ context, event }: Arguments) =>
    context.failures + (event.type === 'start failed' ? 1 : 0) >= context.policy.maxStartFailures,
  'cooldown is owed': ({ context, event }: Arguments) => context.dueAt !== null && context.dueAt > event.at,
  'removal follows': ({ context }: Arguments) => context.afterTeardown === 'remove',
  'a start follows': ({ context }: Arguments) => context.afterTeardown === 'start',
  'a stop follows': ({ context }: Arguments) => context.afterTeardown === 'stop',
  'is not being removed': ({ context }: Arguments) => context.afterTeardown !== 'remove',
  'does not recover by itself': ({ context }: Arguments) =>
    context.afterTeardown !== 'remove' && !recoversByItself(context),
};

/** Delays count from `since`, the entry into the state, so that they can be re-armed with what is left of them. */
export const delays = {
  cooldown: ({ context }: { context: ServiceContext }) =>
    Math.max(0, (context.dueAt ?? context.since) - context.since),
  'stable time': ({ context }: { context: ServiceContext }) => context.policy.stableAfterMs,
};

/** Failures after a loss: one more when the backend did not outlast the cooldown it would have earned. */
export function failuresAfterLoss(policy: Policy, failures: number, uptimeMs: number): number {
  return uptimeMs > backoffMs(policy, failures + 1) ? failures : failures + 1;
}
