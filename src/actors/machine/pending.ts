import { admission } from './admission.ts';
import { comesBack, effectInput, serviceSetup } from './setup.ts';

const asleep = serviceSetup.createStateConfig({
  description: 'Known, but not started in this life of the gateway, or reaped.',
  tags: 'at rest',
  meta: { admission: admission.asleep },
  entry: ['mark time', 'forget backend', 'owe nothing'],
  on: {
    'start requested': { target: 'Queued', actions: 'begin anew' },
    'restart requested': { target: 'Queued', actions: 'begin anew' },
  },
});

const queued = serviceSetup.createStateConfig({
  description: 'Waits for a start permit.',
  meta: { admission: admission.starting },
  entry: ['mark time', 'forget backend', 'owe nothing'],
  invoke: { id: 'permit', src: 'start permit', input: effectInput },
  on: {
    'start permitted': { target: 'Starting' },
    'gateway restarted': [
      {
        guard: 'is OneShot',
        target: '#service.Ended.Completed',
        actions: ['forget processes', 'note gateway restart'],
      },
      { guard: 'warms up lazily', target: 'Asleep', actions: 'forget processes' },
      { target: 'Queued', reenter: true, actions: 'forget processes' },
    ],
  },
});

const starting = serviceSetup.createStateConfig({
  description: 'Spawn or connect, then the MCP handshake.',
  meta: { admission: admission.starting },
  entry: ['mark time', 'count start'],
  invoke: { id: 'start', src: 'backend start', input: effectInput },
  on: {
    spawned: { guard: 'is current', actions: ['remember process', 'confirm spawn'] },
    'start succeeded': { guard: 'is current', target: '#service.Ready', actions: 'note start' },
    'start failed': [
      { guard: 'is stale' },
      {
        guard: 'is OneShot',
        target: '#service.Ended.Failed',
        actions: ['forget processes', 'note start failure'],
      },
      {
        guard: 'start failures used up',
        target: '#service.Ended.Failed',
        actions: ['forget processes', 'note start failure'],
      },
      { target: '#service.CoolingDown', actions: ['forget processes', 'note start failure'] },
    ],
    'stop requested': { target: '#service.Ended.Completed', actions: ['note stop', 'release backend'] },
    'restart requested': { target: '#service.Unhealthy', actions: 'then start' },
    'removal requested': { target: '#service.Unhealthy', actions: 'then remove' },
    'gateway restarted': comesBack,
  },
});

/** No usable backend yet: known, in line for a start, or starting. */
export const pending = serviceSetup.createStateConfig({
  initial: 'Asleep',
  description: 'No usable backend yet.',
  states: { Asleep: asleep, Queued: queued, Starting: starting },
});
