/** Records of the log, and what a service was after one of them. */
import { MAX_SEQ } from '../places.ts';
import { TYPES } from './statechart.ts';

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const seq = { type: 'integer', minimum: 1, description: 'Place in the log; it only grows.' } as const;
const time = { type: 'string', format: 'date-time', description: 'RFC 3339, UTC, with ms.' } as const;
const timeOrNull = { type: ['string', 'null'], format: 'date-time' } as const;

const recordProperties = {
  seq,
  id: { ...text, description: 'The service.' },
  n: { type: 'integer', minimum: 1, description: 'Its how many-th record since its registration.' },
  at: time,
  event: {
    description: 'What happened; its type as in the drawing. Further members depend on the type.',
    type: 'object',
    required: ['type'],
    properties: { type: text },
    additionalProperties: true,
  },
  to: { ...text, description: 'Full path of the state it led to.' },
  cause: { ...text, description: "Why, in one sentence in the caller's language." },
} as const;

export const record = {
  $id: 'Record',
  description: 'One event that changed a service, and the state it led to.',
  type: 'object',
  required: Object.keys(recordProperties),
  properties: recordProperties,
} as const;

const place = { type: 'integer', minimum: 0, maximum: MAX_SEQ } as const;

/** Most records on one page. */
const MAX_PAGE = 500;

export const eventsQuery = {
  type: 'object',
  properties: {
    after: {
      ...place,
      description: 'Records behind this `seq`, the oldest first. On a stream: catch up from there.',
    },
    before: {
      ...place,
      description: 'The newest records before this `seq`, sorted oldest first. Not together with `after`.',
    },
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_PAGE,
      description: 'Most records on the page. Default: 100.',
    },
  },
} as const;

export const streamQuery = {
  type: 'object',
  properties: {
    after: { ...place, description: 'Catch up from behind this `seq`; `Last-Event-ID` goes before it.' },
    vitals: {
      type: 'integer',
      minimum: 0,
      maximum: 1,
      description: '1: tell how services that run are doing, too, every 2 s.',
    },
  },
} as const;

export const stateQuery = {
  type: 'object',
  required: ['at'],
  properties: { at: { ...text, description: 'A `seq`, or an RFC 3339 time.' } },
} as const;

const stateProperties = {
  id: text,
  at: { ...time, description: 'Of the last record until then.' },
  seq,
  state: { ...text, description: 'Full path in the statechart.' },
  since: { ...time, description: 'When it came into the state.' },
  type: { type: 'string', enum: TYPES },
  context: {
    description: 'What the service remembered, without its config.',
    type: 'object',
    required: ['type', 'generation', 'restarts', 'failures', 'misses', 'dueAt', 'readyAt', 'incident'],
    properties: {
      type: { type: 'string', enum: TYPES },
      nextType: { type: ['string', 'null'] },
      configured: { type: 'boolean', description: 'Whether there was a config to start from.' },
      policy: { type: 'object', additionalProperties: true },
      generation: { ...count, description: 'Starts so far.' },
      restarts: count,
      failures: count,
      misses: { ...count, description: 'Probes in a row that went unanswered.' },
      dueAt: { ...timeOrNull, description: 'When the restart was owed.' },
      readyAt: timeOrNull,
      afterTeardown: text,
      incident: {
        type: ['object', 'null'],
        required: ['kind', 'reason'],
        properties: { kind: text, reason: text },
      },
      processes: { type: 'array', items: { type: 'object', additionalProperties: true } },
    },
  },
} as const;

export const pastState = {
  $id: 'PastState',
  description: 'What a service was at a moment.',
  type: 'object',
  required: Object.keys(stateProperties),
  properties: stateProperties,
} as const;
