/** What the routes of the earlier system answer (contract §2), as JSON Schema. */
import { answer, ref } from '../../envelope-schemas.ts';

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;

/** See `StatusView`. */
const status = {
  type: 'object',
  required: ['ready', 'status', 'message', 'state', 'type', 'since', 'retryAfterMs', 'lastError'],
  properties: {
    ready: { type: 'boolean' },
    status: { type: 'string', enum: ['Ready', 'Pending', 'Error'] },
    message: text,
    state: { ...textOrNull, description: 'Full path in the statechart; null: no such service.' },
    type: textOrNull,
    since: { ...textOrNull, format: 'date-time' },
    retryAfterMs: { type: ['integer', 'null'], description: 'Time until a retry that is coming.' },
    lastError: textOrNull,
  },
} as const;

const added = {
  type: 'object',
  required: ['mcp_id', 'mcp_type'],
  properties: {
    mcp_id: text,
    mcp_type: text,
    sse_path: { ...text, description: 'Where its HTTP+SSE front is; from `/mcp/sse/add`.' },
    message_path: { ...text, description: 'From `/mcp/sse/add`.' },
    stream_path: { ...text, description: 'Where its Streamable HTTP front is; from `/mcp/stream/add`.' },
  },
} as const;

const removed = {
  type: 'object',
  required: ['mcp_id', 'message'],
  properties: { mcp_id: text, message: text },
} as const;

const refused = { default: ref('Refusal') } as const;

export const answers = {
  status: { 200: answer('Its status.', status), ...refused },
  added: { 200: answer('Where it is reached.', added), ...refused },
  removed: { 200: answer('It is gone.', removed), ...refused },
} as const;
