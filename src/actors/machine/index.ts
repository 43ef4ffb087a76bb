/**
 * The life of one service, for both types (statechart.md). Pure: no IO, no clock, no randomness; effects are
 * placeholders here and provided from outside. Guards and delays are in `rules.ts`, what is remembered is in
 * `memory.ts`, the answers to data requests in `admission.ts`.
 */
import { admission } from './admission.ts';
import { pending } from './pending.ts';
import { ready } from './ready.ts';
import { coolingDown, ended, unhealthy } from './recovery.ts';
import { serviceSetup } from './setup.ts';

export type ServiceMachine = typeof serviceMachine;

export const serviceMachine = serviceSetup.createMachine({
  id: 'service',
  context: ({ input: { type, config, policy, at } }) => ({
    type,
    nextType: null,
    config,
    policy,
    generation: 0,
    restarts: 0,
    failures: 0,
    starts: [],
    startTimeout: null,
    misses: 0,
    dueAt: null,
    since: at,
    readyAt: null,
    afterTeardown: 'recover',
    incident: null,
    processes: [],
    tools: null,
    lostTools: [],
  }),
  initial: 'Pending',
  on: {
    reconfigured: { guard: 'config or type differs', actions: 'adopt config' },
    'policy changed': { actions: 'adopt policy' },
    'teardown finished': { guard: 'has processes', actions: 'forget processes' },
    'gateway restarted': { guard: 'has processes', actions: 'forget processes' },
    'divergence found': { target: '.Ended.Failed', actions: 'note divergence' },
    'stop requested': { target: '.Ended.Completed', actions: 'note stop' },
    'removal requested': [
      { guard: 'has processes', target: '.Unhealthy', actions: 'then remove' },
      { target: '.Removed' },
    ],
  },
  states: {
    Pending: pending,
    Ready: ready,
    Unhealthy: unhealthy,
    CoolingDown: coolingDown,
    Ended: ended,
    Removed: {
      type: 'final',
      description: 'The id is free again.',
      meta: { admission: admission.removed },
      entry: 'mark time',
    },
  },
});
