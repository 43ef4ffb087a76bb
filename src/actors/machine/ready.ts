import { admission } from './admission.ts';
import { comesBack, effectInput, serviceSetup } from './setup.ts';

const healthy = serviceSetup.createStateConfig({
  description: 'The backend answers.',
  entry: 'mark time',
  on: {
    'probe failed': [
      { guard: 'is stale' },
      { guard: 'is the last straw', target: '#service.Unhealthy', actions: 'note loss' },
      { target: 'Suspect', actions: 'count miss' },
    ],
  },
});

const suspect = serviceSetup.createStateConfig({
  description: 'Some probes in a row went unanswered; it still serves.',
  entry: 'mark time',
  on: {
    'probe answered': { guard: 'is current', target: 'Healthy', actions: 'forget misses' },
    'probe failed': [
      { guard: 'is stale' },
      { guard: 'is the last straw', target: '#service.Unhealthy', actions: 'note loss' },
      { actions: 'count miss' },
    ],
  },
});

/** The handshake is done; requests are forwarded. */
export const ready = serviceSetup.createStateConfig({
  initial: 'Healthy',
  description: 'The handshake is done; requests are forwarded.',
  meta: { admission: admission.ready },
  entry: 'note ready',
  invoke: [
    { id: 'watch', src: 'backend watch', input: effectInput },
    { id: 'tools', src: 'tool watch', input: effectInput },
  ],
  after: { 'stable time': { guard: 'has failures', actions: 'forget failures' } },
  on: {
    'backend lost': { guard: 'is current', target: '#service.Unhealthy', actions: 'note loss' },
    'idled out': [
      { guard: 'is stale' },
      {
        guard: 'is OneShot',
        target: '#service.Ended.Completed',
        actions: ['note idleness', 'release backend'],
      },
      { target: '#service.Pending.Asleep', actions: 'release backend' },
    ],
    'tools listed': { guard: 'is current', actions: 'note tools' },
    'lane spawned': { guard: 'is current', actions: ['remember lane', 'confirm lane spawn'] },
    'lane ended': { guard: 'is current', actions: 'forget lane' },
    'stop requested': { target: '#service.Ended.Completed', actions: ['note stop', 'release backend'] },
    'restart requested': { target: '#service.Unhealthy', actions: 'then start' },
    'removal requested': { target: '#service.Unhealthy', actions: 'then remove' },
    'gateway restarted': comesBack,
  },
  states: { Healthy: healthy, Suspect: suspect },
});
