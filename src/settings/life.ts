/** The settings of a service's life: its starts, probes, restarts, rest and end. */
import { availableParallelism } from 'node:os';
import { boolean, choice, fraction, setting, wholeNumber } from './kinds.ts';
import { count, DAY_MS, ms } from './quantities.ts';

export const LIFE = {
  startTimeoutMs: ms(
    60_000,
    'Longest silence of a start before it counts as hung; later starts learn their own.',
    1,
  ),
  startTimeoutMinMs: ms(20_000, 'Shortest limit that a service learns from its own earlier starts.', 1),
  startTimeoutMaxMs: ms(
    300_000,
    'Longest limit that a service learns from its own earlier starts; 0 learns none.',
  ),
  pendingWaitMs: ms(25_000, 'How long a request is held while its service starts; 0 answers at once.'),
  requestTimeoutMs: ms(300_000, 'How long a backend may take to answer a request.', 1),
  healthTtlMs: ms(5_000, 'Age of the last sign of life from which a request is preceded by a probe.'),
  probeIntervalMs: ms(20_000, 'Time between probes of a backend that is silent.', 1),
  probeTimeoutMs: ms(5_000, 'How long a probe waits for its answer.', 1),
  probeFailures: count(3, 'Unanswered probes in a row from which a service is Unhealthy.'),
  restartCooldownMs: ms(30_000, 'Wait before a restart; doubles with every consecutive failure.'),
  restartCooldownMaxMs: ms(300_000, 'Longest wait before a restart, what chance adds included.'),
  restartJitter: setting(
    fraction,
    0.1,
    'Part of a wait before a restart by which chance may lengthen it, so that services that failed together come back apart; 0 is none.',
  ),
  stableAfterMs: ms(60_000, 'Time a service must be Ready until its earlier failures are forgotten.'),
  maxStartFailures: count(10, 'Consecutive failed starts from which a Persistent service is Ended.'),
  oneShotIdleMs: ms(300_000, 'Idle time from which a OneShot service is stopped; 0 is never.'),
  persistentIdleMs: ms(0, 'Idle time from which a Persistent service is put to sleep; 0 is never.'),
  laneIdleMs: ms(
    300_000,
    'Idle time from which a backend connection of a single session is ended; 0 is never.',
  ),
  drainGraceMs: ms(10_000, 'Time that answers under way get to finish when the gateway stops.'),
  stopGraceMs: ms(5_000, 'Time between TERM and KILL when a process tree is stopped.'),
  maxConcurrentStarts: setting(
    wholeNumber(1, 1_024),
    availableParallelism(),
    'Starts that may be under way at the same time.',
    { shownDefault: 'number of cores' },
  ),
  directStart: setting(
    boolean,
    true,
    'Start what npx has installed already without npx, where there is no doubt what it would run.',
  ),
  packageMaxAgeMs: ms(
    DAY_MS,
    'Age from which npx is run all the same, to look for a newer version; a version that a config names is not looked up.',
  ),
  warmup: setting(
    choice('gated', 'lazy'),
    'gated',
    'After a restart of the gateway: start services in the background (gated) or at their first request (lazy).',
  ),
};
