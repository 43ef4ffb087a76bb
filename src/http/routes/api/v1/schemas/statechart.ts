/** The statechart in its forms. */
import { answer } from '../../../../envelope-schemas.ts';

export const TYPES = ['OneShot', 'Persistent'] as const;

export const statechartQuery = {
  type: 'object',
  properties: {
    type: {
      type: 'string',
      enum: TYPES,
      description: 'Type of service whose life is drawn. Default: Persistent.',
    },
  },
} as const;

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;

const node = {
  type: 'object',
  required: ['path', 'name', 'parent', 'description', 'initial', 'final', 'tags', 'inner'],
  properties: {
    path: { ...text, description: 'Full path, such as `Pending.Starting`; as in `state` of a service.' },
    name: text,
    parent: { type: ['string', 'null'], description: 'Path of the state around it.' },
    description: { type: ['string', 'null'] },
    initial: { type: 'boolean' },
    final: { type: 'boolean' },
    tags: texts,
    inner: { ...texts, description: 'What happens in it without leaving it.' },
  },
} as const;

const arrow = {
  type: 'object',
  required: ['from', 'to', 'events', 'labels'],
  properties: {
    from: { ...text, description: 'Path of the state it leaves: that of a record or of a state around it.' },
    to: { ...text, description: 'Path of the state it leads to, or of the state around that.' },
    events: { ...texts, description: 'As `event.type` of records.' },
    labels: { ...texts, description: '`event [guard]`.' },
  },
} as const;

export const statechart = {
  $id: 'Statechart',
  description: 'The life of a service of one type.',
  type: 'object',
  required: ['type', 'machine', 'nodes', 'arrows', 'anywhere'],
  properties: {
    type: { type: 'string', enum: TYPES },
    machine: {
      type: 'object',
      additionalProperties: true,
      description: 'The machine of both types, for import into a statechart editor.',
    },
    nodes: { type: 'array', items: node },
    arrows: { type: 'array', items: arrow },
    anywhere: { ...texts, description: 'What can happen in any state that does not say otherwise.' },
  },
} as const;

/** One description for all forms: OpenAPI has one per status. */
export const statechartAnswer = {
  description: 'The statechart, in the form `Accept` likes best.',
  content: {
    'application/json': { schema: answer('The statechart.', { $ref: 'Statechart#' }) },
    'text/vnd.mermaid': { schema: { type: 'string' } },
    'image/svg+xml': {
      schema: {
        type: 'string',
        description:
          'Each state is a group with `data-state`, each arrow one with `data-from`, `data-to` and `data-event` (its events, joined by `|`).',
      },
    },
  },
} as const;
