/**
 * The admission table (contract §5) as data: each state node carries the answer to a data request as `meta`.
 * Whoever reads it needs to know no state by name.
 */
import type { RefusalCode } from '../refusal.ts';
import type { ServiceType } from '../services.ts';

/**
 * - `forward`: the lane serves
 * - `hold`: wait for the start that is under way
 * - `recover`: wait for the restart that follows; without a config there is none to wait for: refuse with `code`
 * - `start`: ask for a start, then hold
 * - `wait`: hold only if the request is willing to wait past the due time, else refuse with `code`
 * - `refuse`: say no with `code`
 */
export type Answer =
  | { readonly do: 'forward' }
  | { readonly do: 'hold' }
  | { readonly do: 'recover'; readonly code: RefusalCode }
  | { readonly do: 'start' }
  | { readonly do: 'wait'; readonly code: RefusalCode }
  | { readonly do: 'refuse'; readonly code: RefusalCode };

export interface Admission {
  /** A request that brings no config. */
  readonly plain: Readonly<Record<ServiceType, Answer>>;
  /** A request that brings one: an explicit start. */
  readonly explicit: Readonly<Record<ServiceType, Answer>>;
  /** A request that was held when this state was entered; without it, `plain` decides. */
  readonly held?: { readonly afterFailedStart: Answer; readonly otherwise: Answer };
  /** What a poller is told (contract §2). */
  readonly poll: 'Ready' | 'Pending' | 'Error';
}

const forward: Answer = { do: 'forward' };
const hold: Answer = { do: 'hold' };
const recover: Answer = { do: 'recover', code: '0004' };
const start: Answer = { do: 'start' };
const refuse = (code: RefusalCode): Answer => ({ do: 'refuse', code });
const both = (answer: Answer): Admission['plain'] => ({ OneShot: answer, Persistent: answer });

export const admission = {
  asleep: {
    plain: { OneShot: refuse('0007'), Persistent: start },
    explicit: both(start),
    held: { afterFailedStart: refuse('0005'), otherwise: start },
    poll: 'Pending',
  },
  starting: { plain: both(hold), explicit: both(hold), poll: 'Pending' },
  ready: { plain: both(forward), explicit: both(forward), poll: 'Ready' },
  unhealthy: {
    plain: { OneShot: refuse('0006'), Persistent: recover },
    explicit: both(start),
    held: { afterFailedStart: recover, otherwise: recover },
    poll: 'Pending',
  },
  coolingDown: {
    plain: both({ do: 'wait', code: '0002' }),
    explicit: both({ do: 'wait', code: '0002' }),
    held: { afterFailedStart: refuse('0005'), otherwise: { do: 'wait', code: '0002' } },
    poll: 'Error',
  },
  completed: {
    plain: both(refuse('0006')),
    explicit: both(start),
    held: { afterFailedStart: refuse('0006'), otherwise: refuse('0006') },
    poll: 'Error',
  },
  failed: {
    plain: both(refuse('0005')),
    explicit: both(start),
    held: { afterFailedStart: refuse('0005'), otherwise: refuse('0005') },
    poll: 'Error',
  },
  removed: { plain: both(refuse('0001')), explicit: both(refuse('0001')), poll: 'Error' },
} as const satisfies Record<string, Admission>;

export interface NodeMeta {
  readonly admission: Admission;
}
