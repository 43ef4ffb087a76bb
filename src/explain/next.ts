/** What happens to a service next, if nothing else does. A new state does not compile until it is answered for here. */

import { statePath } from '../actors/journal.ts';
import { fromDurable, nextState } from '../actors/replay.ts';
import type { DurableState } from '../store/event-log.ts';
import { type StatePath, stateIn } from './recorded.ts';
import { type Sentence, say } from './sentences.ts';

export interface Next {
  readonly what: Sentence;
  /** Epoch ms; null when it has no time of its own. */
  readonly at: number | null;
}

interface Situation {
  readonly to: DurableState;
  /** Epoch ms at which the service counts as idle if nobody uses it before; null: never, or somebody uses it. */
  readonly idleAt: number | null;
  readonly now: number;
}

const ready = ({ to, idleAt }: Situation): Next | null => {
  const { type, failures, readyAt, policy } = stateIn(to).context;
  const idle = type === 'OneShot' ? say('endsWhenIdle', {}) : say('sleepsWhenIdle', {});
  const stableAt = failures > 0 && readyAt !== null ? readyAt + policy.stableAfterMs : null;
  if (stableAt !== null && (idleAt === null || stableAt < idleAt))
    return { what: say('forgetsFailures', {}), at: stableAt };
  return idleAt === null ? null : { what: idle, at: idleAt };
};

const nothing = () => null;

const next: { readonly [P in StatePath]: (situation: Situation) => Next | null } = {
  'Pending.Asleep': nothing,
  'Pending.Queued': () => ({ what: say('startsWithPermit', {}), at: null }),
  'Pending.Starting': () => ({ what: say('readyAfterHandshake', {}), at: null }),
  'Ready.Healthy': ready,
  'Ready.Suspect': ({ to }) => {
    const { policy, misses } = stateIn(to).context;
    return { what: say('lostAfterProbes', { probes: Math.max(1, policy.probeFailures - misses) }), at: null };
  },
  Unhealthy: ({ to, now }) => {
    const { generation } = stateIn(to).context;
    const gone = { type: 'teardown finished', generation, at: now } as const;
    return { what: say('becomesWhenGone', { state: statePath(nextState(fromDurable(to), gone)) }), at: null };
  },
  CoolingDown: ({ to }) => ({ what: say('restarts', {}), at: stateIn(to).context.dueAt }),
  'Ended.Completed': nothing,
  'Ended.Failed': nothing,
  Removed: nothing,
};

/** What happens to a service of this state by itself, and when; null: nothing. Pure. */
export function nextOf(situation: Situation): Next | null {
  return next[stateIn(situation.to).state](situation);
}
