/**
 * What of a record may be shown to whoever may view services. Listed, not filtered: what is new stays hidden until it is
 * added here. Configs are not in records; their fingerprints are, and are left out, because a guess could be tried on them.
 */
import type { Incident, OwnedProcess, Policy, ServiceContext } from '../actors/machine/model.ts';
import type { ServiceType } from '../actors/services.ts';
import type { JsonObject } from '../store/event-log.ts';
import type { RecordedEvent, RecordedType } from './recorded.ts';

type FieldsOf<T extends RecordedType> = readonly Exclude<
  keyof Extract<RecordedEvent, { type: T }> & string,
  'type' | 'at' | 'config'
>[];

const fields: { readonly [T in RecordedType]: FieldsOf<T> } = {
  registered: ['serviceType', 'policy'],
  reconfigured: ['serviceType'],
  'policy changed': ['policy'],
  'start requested': ['by'],
  'restart requested': [],
  'stop requested': [],
  'removal requested': [],
  'gateway restarted': ['warmup'],
  'divergence found': ['reason'],
  'start permitted': ['generation', 'timeout'],
  spawned: ['generation', 'process', 'ran'],
  'start succeeded': ['generation', 'server', 'tookMs'],
  'start failed': ['generation', 'reason'],
  'probe answered': ['generation'],
  'probe failed': ['generation', 'reason', 'decisive'],
  'backend lost': ['generation', 'reason', 'exitCode', 'signal'],
  'idled out': ['generation', 'idleMs'],
  'tools listed': ['generation', 'hash', 'count', 'lost', 'announced'],
  'lane spawned': ['generation', 'lane', 'process', 'ran'],
  'lane ended': ['generation', 'lane', 'reason'],
  'teardown finished': ['generation'],
  'after cooldown': [],
  'after stable time': [],
};

/** An event as it is shown: its type as in the drawing, and what may be seen of the rest. Pure. */
export function visibleEvent(event: RecordedEvent): JsonObject & { readonly type: string } {
  const shown: readonly string[] = Object.hasOwn(fields, event.type) ? fields[event.type] : [];
  const data = event as unknown as JsonObject;
  const seen = shown.flatMap(name => {
    const value = data[name];
    return value === undefined ? [] : [[name, name === 'process' ? pidOf(value as JsonObject) : value]];
  });
  return { type: event.type, ...Object.fromEntries(seen) };
}

const pidOf = ({ pid = null }: JsonObject): JsonObject => ({ pid });

/** What a service remembers, as it is shown; times in epoch ms. */
export interface VisibleContext
  extends Pick<
    ServiceContext,
    | 'generation'
    | 'restarts'
    | 'failures'
    | 'misses'
    | 'starts'
    | 'startTimeout'
    | 'dueAt'
    | 'since'
    | 'readyAt'
    | 'afterTeardown'
    | 'tools'
    | 'lostTools'
  > {
  readonly type: ServiceType;
  readonly nextType: ServiceType | null;
  /** Whether there is a config to start from. */
  readonly configured: boolean;
  readonly policy: Policy;
  readonly incident: Incident | null;
  readonly processes: readonly Pick<OwnedProcess, 'pid' | 'generation' | 'lane'>[];
}

/** Pure. */
export function visibleContext(context: ServiceContext): VisibleContext {
  const { type, nextType, policy, generation, restarts, failures, misses, starts } = context;
  const { startTimeout, dueAt, since, readyAt, afterTeardown, incident, tools, lostTools } = context;
  return {
    ...{ type, nextType, policy, generation, restarts, failures, misses, starts },
    ...{ startTimeout, dueAt, since, readyAt, afterTeardown, incident, tools, lostTools },
    configured: context.config !== null,
    processes: context.processes.map(({ pid, generation, lane }) =>
      lane === undefined ? { pid, generation } : { pid, generation, lane },
    ),
  };
}
