/** Server-sent events, described: OpenAPI has no words for their parts. */
export const EVENT_STREAM = 'text/event-stream';

const description =
  'Server-sent events. `record`: `data` is a Record, `id` its `seq`; `Last-Event-ID` (or `after`) catches up from there, without ' +
  'a gap or a record told twice. `gap`: `data` is `{from, to}`, the records that are no longer kept. Without either it begins with the present. ' +
  '`vitals`, where asked for: `data` is `{at, services}`, how the services that run are doing.';

const streamContent = { [EVENT_STREAM]: { schema: { type: 'string', description } } } as const;

export const streamAnswer = { description: 'A stream that does not end.', content: streamContent } as const;

/** A page as JSON, or a stream, by `Accept`. */
export const pageOrStream = (page: object) => ({
  description: 'By `Accept`: a page, or a stream that does not end.',
  content: { 'application/json': { schema: page }, ...streamContent },
});
