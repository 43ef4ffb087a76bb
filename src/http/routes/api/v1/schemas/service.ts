/** A service, as the API shows it, and what is sent to it. */
import { TYPES } from './statechart.ts';

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const count = { type: 'integer', minimum: 0 } as const;
const time = { type: 'string', format: 'date-time', description: 'RFC 3339, UTC, with ms.' } as const;
const timeOrNull = { ...time, type: ['string', 'null'] } as const;
const pid = { type: ['integer', 'null'], description: 'Process; null when there is none.' } as const;

const properties = {
  id: text,
  type: { type: 'string', enum: TYPES },
  nextType: {
    enum: [...TYPES, null],
    description: 'A type that differs and takes effect at the next start; null: none.',
  },
  state: { ...text, description: 'Full path in the statechart, such as `Pending.Starting`.' },
  since: { ...time, description: 'When it came into the state.' },
  why: { ...text, description: "Why it is in the state, in the caller's language." },
  next: {
    description: 'What happens by itself if nothing else does; null: nothing.',
    type: ['object', 'null'],
    required: ['what', 'at'],
    properties: {
      what: { ...text, description: "In the caller's language." },
      at: { ...timeOrNull, description: 'When; null: it has no time of its own.' },
    },
  },
  restarts: { ...count, description: 'Starts that nobody asked for: recoveries.' },
  failures: { ...count, description: 'Starts in a row that failed or did not last.' },
  sessions: { ...count, description: 'Client sessions open on its backend connections.' },
  inFlight: { ...count, description: 'Calls without an answer yet.' },
  held: { ...count, description: 'Requests that wait for it to start.' },
  pid,
  server: {
    description: 'What its backend last called itself; null when none has been up yet.',
    type: ['object', 'null'],
    required: ['name', 'version'],
    properties: { name: text, version: text },
  },
  lastError: {
    ...textOrNull,
    description: 'The last failure or the reason of the end, in English; null: none.',
  },
  retryAfterMs: {
    type: ['integer', 'null'],
    minimum: 0,
    description: 'Time until the restart that is owed; null: none is.',
  },
  backend: {
    description: 'What it is started from, without secrets; null when that cannot be read.',
    type: ['object', 'null'],
    required: ['kind', 'description'],
    properties: { kind: { type: 'string', enum: ['stdio', 'remote'] }, description: text },
  },
} as const;

export const service = {
  $id: 'Service',
  type: 'object',
  required: Object.keys(properties),
  properties,
} as const;

const lane = {
  description: 'One connection to its backend.',
  type: 'object',
  required: ['lane', 'pid', 'era', 'sessions', 'inFlight'],
  properties: {
    lane: { ...count, description: '0: the first, which most sessions share.' },
    pid,
    era: { type: 'string', enum: ['legacy', 'modern'] },
    sessions: count,
    inFlight: count,
  },
} as const;

const tool = {
  type: 'object',
  required: ['name', 'description'],
  properties: { name: text, description: textOrNull },
} as const;

const more = {
  lanes: { type: 'array', items: lane },
  tools: {
    description: 'What its backend last listed, whether it is up or not; null when it never did.',
    type: ['array', 'null'],
    items: tool,
  },
  vitals: {
    description: 'How it is doing, measured 2 s ago at most; null when nothing of it runs.',
    type: ['object', 'null'],
    required: ['at', 'id', 'sessions', 'inFlight', 'held', 'pid', 'rssBytes', 'cpuPercent'],
    properties: {
      at: time,
      id: text,
      sessions: count,
      inFlight: count,
      held: count,
      pid,
      rssBytes: {
        type: ['integer', 'null'],
        description: 'Resident memory of its process trees; null where the system does not tell.',
      },
      cpuPercent: {
        type: ['number', 'null'],
        description: 'Of one core, since the measurement before; null when there was none of late.',
      },
    },
  },
  stderr: {
    description:
      'Last lines its backend wrote to stderr, running or just ended; values of its environment are hidden.',
    type: 'array',
    items: text,
  },
} as const;

export const serviceDetail = {
  $id: 'ServiceDetail',
  description: 'A service with what is known of it besides.',
  type: 'object',
  required: [...Object.keys(properties), ...Object.keys(more)],
  properties: { ...properties, ...more },
} as const;

/** Most services on one page. */
const MAX_PAGE = 200;

export const servicesQuery = {
  type: 'object',
  properties: {
    state: {
      ...text,
      description: 'Full path of a state, or of the state around it, such as `Ready`.',
    },
    type: { type: 'string', enum: TYPES },
    q: { ...text, description: 'Part of the id.' },
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_PAGE,
      description: 'Most services on the page. Default: 50.',
    },
    cursor: { ...text, description: '`nextCursor` of the page before.' },
  },
} as const;

export const unreadable = {
  description: 'Services of which the log has nothing that can be used, and why.',
  type: 'array',
  items: { type: 'object', required: ['id', 'reason'], properties: { id: text, reason: text } },
} as const;

export const registration = {
  type: 'object',
  required: ['type', 'config'],
  properties: {
    type: { ...text, description: '`OneShot` or `Persistent`, in any case.' },
    config: {
      type: ['object', 'string'],
      description: 'An MCP client config with one server, the server alone, or the text of either.',
    },
  },
} as const;

export const removal = {
  type: 'object',
  required: ['id', 'removed'],
  properties: {
    id: text,
    removed: { type: 'boolean', description: 'False: there was no such service.' },
  },
} as const;

export const idParams = {
  type: 'object',
  required: ['id'],
  properties: { id: { ...text, description: 'Id of a service, percent-encoded.' } },
} as const;
