/** The vocabulary of the service statechart: its events, effects, actions, guards and delays, by name. */
import { type EventObject, fromCallback, setup } from 'xstate';
import type { NodeMeta } from './admission.ts';
import { memory } from './memory.ts';
import type { ServiceContext, ServiceEvent, ServiceInput } from './model.ts';
import { delays, guards } from './rules.ts';

/** What an effect is told when it starts: whose it is and to which start it belongs. */
export interface EffectInput {
  readonly id: string;
  readonly generation: number;
}

/** An effect that only the gateway provides; the bare machine is for folding and drawing. */
const notProvided = fromCallback<EventObject, EffectInput>(() => {
  throw new Error('The bare service machine has no effects; provide them first');
});

export const serviceSetup = setup({
  types: {
    context: {} as ServiceContext,
    events: {} as ServiceEvent,
    input: {} as ServiceInput,
    meta: {} as NodeMeta,
    tags: {} as 'at rest',
  },
  actors: {
    'start permit': notProvided,
    'backend start': notProvided,
    'backend watch': notProvided,
    'tool watch': notProvided,
    'backend teardown': notProvided,
  },
  actions: {
    ...memory,
    /** Ends the backend without keeping the state waiting; its end is told as `teardown finished`. */
    'release backend': () => {},
    /** Tells the start under way that its process is on record and may be used. */
    'confirm spawn': () => {},
    /** The same for one more lane beside the first. */
    'confirm lane spawn': () => {},
  },
  guards,
  delays,
});

/** The input of every effect; the actor's own id is the service's. */
export const effectInput = ({
  context,
  self,
}: {
  context: ServiceContext;
  self: { id: string };
}): EffectInput => ({ id: self.id, generation: context.generation });

/** How a service comes back whose backend the gateway lost with its own end. */
export const comesBack = [
  {
    guard: 'is OneShot',
    target: '#service.Ended.Completed',
    actions: ['forget processes', 'note gateway restart'],
  },
  { guard: 'warms up lazily', target: '#service.Pending.Asleep', actions: 'forget processes' },
  { target: '#service.Pending.Queued', actions: ['forget processes', 'count restart'] },
] as const;
