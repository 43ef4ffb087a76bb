import { admission } from './admission.ts';
import { effectInput, serviceSetup } from './setup.ts';

/** The backend is being torn down; what follows depends on the type, on who asked for it, and on the time. */
export const unhealthy = serviceSetup.createStateConfig({
  description: 'The backend is being torn down; left only when every process of its tree is gone.',
  meta: { admission: admission.unhealthy },
  entry: 'mark time',
  invoke: { id: 'teardown', src: 'backend teardown', input: effectInput },
  on: {
    'start requested': { guard: 'does not recover by itself', actions: 'then start' },
    'restart requested': { guard: 'is not being removed', actions: 'then start' },
    'stop requested': [{ guard: 'is not being removed', actions: 'then stop' }, {}],
    'removal requested': { actions: 'then remove' },
    'teardown finished': [
      { guard: 'is stale' },
      { guard: 'removal follows', target: 'Removed', actions: 'forget processes' },
      { guard: 'a start follows', target: 'Pending.Queued', actions: ['forget processes', 'begin anew'] },
      { guard: 'a stop follows', target: 'Ended.Completed', actions: ['forget processes', 'note stop'] },
      { guard: 'is OneShot', target: 'Ended.Completed', actions: 'forget processes' },
      { guard: 'start failures used up', target: 'Ended.Failed', actions: 'forget processes' },
      { guard: 'cooldown is owed', target: 'CoolingDown', actions: 'forget processes' },
      { target: 'Pending.Queued', actions: ['forget processes', 'count restart'] },
    ],
    'gateway restarted': [
      { guard: 'removal follows', target: 'Removed', actions: 'forget processes' },
      { guard: 'a stop follows', target: 'Ended.Completed', actions: ['forget processes', 'note stop'] },
      {
        guard: 'is OneShot',
        target: 'Ended.Completed',
        actions: ['forget processes', 'note gateway restart'],
      },
      { guard: 'start failures used up', target: 'Ended.Failed', actions: 'forget processes' },
      { guard: 'cooldown is owed', target: 'CoolingDown', actions: 'forget processes' },
      { guard: 'warms up lazily', target: 'Pending.Asleep', actions: 'forget processes' },
      { target: 'Pending.Queued', actions: ['forget processes', 'count restart'] },
    ],
  },
});

/** A restart is owed, but not before its due time, which outlives the gateway (invariant 5). */
export const coolingDown = serviceSetup.createStateConfig({
  description: 'Persistent only: a restart is owed, but not before its due time.',
  tags: 'at rest',
  meta: { admission: admission.coolingDown },
  entry: ['mark time', 'forget backend'],
  after: { cooldown: { target: 'Pending.Queued', actions: 'count restart' } },
  on: { 'restart requested': { target: 'Pending.Queued', actions: 'begin anew' } },
});

const completed = serviceSetup.createStateConfig({
  description: 'It exited, idled out or was stopped.',
  tags: 'at rest',
  meta: { admission: admission.completed },
  entry: 'mark time',
});

const failed = serviceSetup.createStateConfig({
  description: 'Its starts failed too often.',
  tags: 'at rest',
  meta: { admission: admission.failed },
  entry: 'mark time',
});

/** Nothing runs and nothing restarts by itself. */
export const ended = serviceSetup.createStateConfig({
  initial: 'Completed',
  description: 'Nothing runs and nothing restarts by itself.',
  entry: ['forget backend', 'owe nothing'],
  on: {
    'start requested': { target: '#service.Pending.Queued', actions: 'begin anew' },
    'restart requested': { target: '#service.Pending.Queued', actions: 'begin anew' },
    'stop requested': {},
  },
  states: { Completed: completed, Failed: failed },
});
