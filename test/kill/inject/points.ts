/**
 * The places at which the gateway can be stopped, by name. Each is at an edge of the process: what stays of a life that ends
 * there is what was committed, spawned, signalled, written to a pipe or sent to a client before it.
 */

/** Events whose way through the log is followed, as their records name them; those after a delay by what is over. */
const EVENTS = [
  'registered',
  'reconfigured',
  'policy changed',
  'start requested',
  'start permitted',
  'spawned',
  'start succeeded',
  'start failed',
  'tools listed',
  'lane spawned',
  'lane ended',
  'backend lost',
  'idled out',
  'teardown finished',
  'stop requested',
  'restart requested',
  'removal requested',
  'cooldown over',
  'gateway restarted',
] as const;

/**
 * Of one append: its transaction is filled but not committed; it is durable, and no effect of it has begun; its effects that
 * begin at once (a permit is asked for, a backend is launched, watched, torn down) have begun.
 */
const APPEND_STAGES = ['written', 'durable', 'followed'] as const;

/** Of a write to one of the other tables. */
const WRITES = ['sessions', 'streams', 'prune'] as const;
const WRITE_STAGES = ['written', 'durable'] as const;

const EFFECTS = [
  'write: asked',
  'permit: asked',
  'permit: queued',
  'spawn: before',
  'spawn: after',
  'spawn: before it is confirmed',
  'spawn: confirmed',
  'message: before it is delivered',
  'message: delivered',
  'message: answered',
  'teardown: begins',
  'teardown: all gone',
  'signal: before',
  'signal: sent',
] as const;

const REPLIES = [
  'command: before the reply',
  'command: replied',
  'call: before the reply',
  'call: replied',
  'stream: before an event',
  'stream: event sent',
] as const;

export const BOOT_POINTS = [
  'boot: before debts are read',
  'boot: debts read',
  'boot: leftovers found',
  'boot: leftovers ended',
  'boot: before listening',
  'boot: listening',
] as const;

export const STOP_POINTS = [
  'stop: begins',
  'stop: connections closed',
  'stop: backends ended',
  'stop: before the release',
  'stop: released',
] as const;

/** Every point a run has to reach. */
export const POINTS: readonly string[] = [
  ...EVENTS.flatMap(event => APPEND_STAGES.map(stage => `${event}: ${stage}`)),
  ...WRITES.flatMap(write => WRITE_STAGES.map(stage => `${write}: ${stage}`)),
  ...EFFECTS,
  ...REPLIES,
  ...BOOT_POINTS,
  ...STOP_POINTS,
];
