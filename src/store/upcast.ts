/** Records of older versions, brought to the present one, a version at a time (README, "A new version of records"). Pure. */
import type { Json, JsonObject, LogRecord } from './event-log.ts';

type Upcast = (record: LogRecord) => LogRecord;

/** By the version they start from, 1 first; each leads to the next. */
const UPCASTS: readonly Upcast[] = [
  // Version 2: a policy says by how much chance may lengthen a cooldown, a context what tools the backend offers. There was
  // no chance, and nobody asked for tools: folding leads to the same states.
  ({ event, to, ...place }) => ({
    ...place,
    v: 2,
    event: withoutJitter(event),
    to: { ...to, context: { ...withoutJitter(to.context), tools: null, lostTools: [] } },
  }),
  // Version 3: a context has the durations of starts, and the limit of the last one. Nobody took the time: nothing is learned.
  ({ to, ...record }) => ({
    ...record,
    v: 3,
    to: { ...to, context: { ...to.context, starts: [], startTimeout: null } },
  }),
];

/** @param record whole, of a version from 1 to the present one */
export function toPresentVersion(record: LogRecord): LogRecord {
  return UPCASTS.slice(record.v - 1).reduce((older, upcast) => upcast(older), record);
}

function withoutJitter<T extends JsonObject>(holder: T): T {
  const { policy } = holder;
  return isObject(policy) ? { ...holder, policy: { ...policy, jitter: 0 } } : holder;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
