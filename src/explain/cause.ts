/** Why each record was written. A new event of the machine does not compile until it has its sentence here. */
import type { RecordedEvent, RecordedType, Seen } from './recorded.ts';
import { type Sentence, say } from './sentences.ts';

type Causes = {
  readonly [T in RecordedType]: (event: Extract<RecordedEvent, { type: T }>, seen: Seen) => Sentence;
};

const causes: Causes = {
  registered: ({ serviceType }) => say('registered', { type: serviceType }),
  reconfigured: (_event, { context }) => say('reconfigured', { type: context.nextType }),
  'policy changed': () => say('settingsChanged', {}),
  'start requested': ({ by }, { state }) => say('startAskedFor', { state, by }),
  'restart requested': (_event, { state }) => say('restartAskedFor', { state }),
  'stop requested': (_event, { state }) => say('stopAskedFor', { state }),
  'removal requested': (_event, { state }) => say('removalAskedFor', { state }),
  'gateway restarted': (_event, { state, entered }) =>
    entered ? say('gatewayRestarted', { state }) : say('leftoversGone', {}),
  'divergence found': ({ reason }, { state }) => say('diverged', { state, reason }),
  'start permitted': (_event, { state }) => say('permitted', { state }),
  spawned: ({ process: { pid }, ran }) => {
    if (ran === undefined) return say('spawned', { pid });
    return ran.by === 'node'
      ? say('spawnedDirectly', { pid, package: ran.package })
      : say('spawnedByManager', { pid, reason: ran.because });
  },
  'start succeeded': ({ server }, { state }) => say('handshakeDone', { state, server }),
  'start failed': ({ reason }, { state, context: { failures } }) =>
    say('startFailed', { state, failures, reason }),
  'probe answered': (_event, { state }) => say('probeAnswered', { state }),
  'probe failed': ({ reason, decisive }, { state, context: { misses, policy } }) => {
    if (state !== 'Unhealthy') return say('probeMissed', { state, misses, of: policy.probeFailures, reason });
    // The last of them is not counted any more, and one that a request waited for is enough.
    const probes = misses + 1;
    return decisive && probes < policy.probeFailures
      ? say('probeDecided', { state, reason })
      : say('probesFailed', { state, probes, reason });
  },
  'backend lost': ({ reason }, { state }) => say('backendLost', { state, reason }),
  'idled out': ({ idleMs }, { state }) => say('idle', { state, idleMs }),
  'tools listed': ({ count, lost }) =>
    lost.length === 0 ? say('toolsListed', { count }) : say('toolsLost', { count, names: lost.join(', ') }),
  'lane spawned': ({ lane, process: { pid } }) => say('laneSpawned', { lane, pid }),
  'lane ended': ({ lane, reason }) => say('laneEnded', { lane, reason }),
  'teardown finished': (_event, { state, entered }) =>
    entered ? say('tornDown', { state }) : say('processesGone', {}),
  'after cooldown': (_event, { state }) => say('cooledDown', { state }),
  'after stable time': () => say('stable', {}),
};

/** Why a record was written, in one sentence. Pure. */
export function causeOf(seen: Seen): Sentence {
  const { event, state } = seen;
  if (!Object.hasOwn(causes, event.type)) return say('unknownEvent', { state, event: event.type });
  const cause = causes[event.type] as (event: RecordedEvent, seen: Seen) => Sentence;
  return cause(event, seen);
}
