/** Why a service is in its state. A new state of the machine does not compile until it has its sentence here. */
import { endings } from '../actors/machine/memory.ts';
import type { Incident, ServiceContext } from '../actors/machine/model.ts';
import { causeOf } from './cause.ts';
import type { RecordedType, Seen, StatePath } from './recorded.ts';
import { type Sentence, say } from './sentences.ts';

const reasons: { readonly [P in StatePath]: (seen: Seen) => Sentence } = {
  'Pending.Asleep': seen => {
    const { state, context } = seen;
    return (
      causeIf(seen, ['idled out', 'gateway restarted']) ??
      say(context.generation === 0 ? 'neverStarted' : 'notNeeded', { state })
    );
  },
  'Pending.Queued': seen => {
    const { state, context } = seen;
    const asked = causeIf(seen, ['start requested', 'restart requested', 'gateway restarted']);
    if (asked !== null) return asked;
    const { incident } = context;
    return incident === null
      ? say('waitsForPermit', { state })
      : say('restartsAfter', { state, reason: incident.reason });
  },
  'Pending.Starting': ({ state, context }) => {
    const { processes, starts, startTimeout } = context;
    const first = processes.find(({ lane }) => lane === undefined);
    const learned =
      startTimeout?.by === 'starts' ? { limitMs: startTimeout.ms, starts: starts.length } : null;
    if (first === undefined)
      return learned === null
        ? say('beingStarted', { state })
        : say('beingStartedWithin', { state, ...learned });
    const { pid } = first;
    return learned === null
      ? say('shakingHands', { state, pid })
      : say('shakingHandsWithin', { state, pid, ...learned });
  },
  'Ready.Healthy': seen =>
    causeIf(seen, ['start succeeded', 'probe answered']) ?? say('answers', { state: seen.state }),
  'Ready.Suspect': seen => {
    const { misses, policy } = seen.context;
    return (
      causeIf(seen, ['probe failed']) ??
      say('missesProbes', { state: seen.state, misses, of: policy.probeFailures })
    );
  },
  Unhealthy: seen => {
    const { state, context } = seen;
    if (context.afterTeardown === 'remove') return say('beingRemoved', { state });
    if (context.afterTeardown === 'stop') return say('stopAskedFor', { state });
    if (context.afterTeardown === 'start') return say('restartAskedFor', { state });
    return causeIf(seen, ['probe failed', 'backend lost']) ?? afterIncident(seen);
  },
  CoolingDown: seen => afterIncident(seen),
  'Ended.Completed': seen => afterIncident(seen),
  'Ended.Failed': seen => afterIncident(seen),
  Removed: ({ state }) => say('removed', { state }),
};

/** Why the service of a record is in the state that the record led to, in one sentence. Pure. */
export function whyOf(seen: Seen): Sentence {
  return reasons[seen.state](seen);
}

/** The cause of the record, if it led into the state and is one of these events; what came in between says less. */
function causeIf(seen: Seen, types: readonly RecordedType[]): Sentence | null {
  const told = types.includes(seen.event.type);
  return told && (seen.entered || seen.event.type === 'probe failed') ? causeOf(seen) : null;
}

function afterIncident({ state, context }: Seen): Sentence {
  const { incident, failures } = context;
  if (incident === null) return say('notNeeded', { state });
  const { reason } = incident;
  const told: { readonly [K in Incident['kind']]: () => Sentence } = {
    start: () => say('startFailed', { state, failures, reason }),
    loss: () => lossOf(state, context, reason),
    end: () => endOf(state, reason),
    divergence: () => say('diverged', { state, reason }),
  };
  return told[incident.kind]();
}

/** An end by its reason: what the machine writes is known, so that it can be told in any language. */
function endOf(state: StatePath, reason: string): Sentence {
  if (reason === endings.stopped) return say('stopAskedFor', { state });
  if (reason === endings.restarted) return say('gatewayRestarted', { state });
  const [, seconds] = /^idle for (\d+) s$/.exec(reason) ?? [];
  return seconds === undefined
    ? say('ended', { state, reason })
    : say('idle', { state, idleMs: Number(seconds) * 1000 });
}

function lossOf(state: StatePath, { failures }: ServiceContext, reason: string): Sentence {
  return state === 'Ended.Failed'
    ? say('lostTooOften', { state, failures, reason })
    : say('backendLost', { state, reason });
}
