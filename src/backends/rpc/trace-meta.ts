/**
 * The trace that a message belongs to, in its `params._meta` (W3C Trace Context; MCP reserves `traceparent` and `tracestate`
 * there). Texts are valid JSON and read in one way only as far as `params` and `_meta` go (see `text.ts`).
 */
import { isObject, splice, valueAt } from './places.ts';
import { findMembers, Names, type Span } from './scan.ts';

const ENVELOPE = new Names('method', 'params');
const PARAMS = new Names('_meta', 'name');
const META = new Names('traceparent', 'tracestate');

/** As they stand in a message, unchecked; undefined: they do not, or it could be read in several ways. */
export interface TraceMeta {
  readonly traceparent: unknown;
  readonly tracestate: unknown;
}

export interface TraceContext {
  /** As `writeTraceparent` has it: it needs no escaping. */
  readonly traceparent: string;
  /** Empty: there is none. */
  readonly tracestate: string;
}

const UNNAMED: TraceMeta = { traceparent: undefined, tracestate: undefined };

export function readTraceMeta(text: string): TraceMeta {
  if (!text.includes('"traceparent"')) return UNNAMED;
  const { _meta } = paramsOf(text);
  const { spans, ambiguous } = findMembers(text, _meta?.start ?? text.length, META);
  if (ambiguous) return UNNAMED;
  return { traceparent: valueAt(text, spans.traceparent), tracestate: valueAt(text, spans.tracestate) };
}

/** `params.name` of a request; undefined without one. */
export function readName(text: string): unknown {
  return valueAt(text, paramsOf(text).name);
}

/** The message as part of another trace. One whose params or `_meta` are no objects stays as it is: it is not MCP. */
export function withTraceContext(text: string, context: TraceContext): string {
  const { method, params } = findMembers(text, 0, ENVELOPE).spans;
  const members = membersOf(context);
  if (params === undefined) {
    if (method === undefined) return text;
    return `${text.slice(0, method.end)},"params":{"_meta":{${members}}}${text.slice(method.end)}`;
  }
  if (text[params.start] !== '{') return text;
  const { _meta } = findMembers(text, params.start, PARAMS).spans;
  if (_meta === undefined) return withFirst(text, params, `"_meta":{${members}}`);
  if (text[_meta.start] !== '{') return text;
  const { spans, ambiguous } = findMembers(text, _meta.start, META);
  if (ambiguous) return rewritten(text, context);
  if (spans.traceparent === undefined && spans.tracestate === undefined)
    return withFirst(text, _meta, members);
  const replaced = (['traceparent', 'tracestate'] as const).map(
    name => [spans[name], JSON.stringify(context[name])] as const,
  );
  const missing = {
    traceparent: spans.traceparent === undefined ? context.traceparent : '',
    tracestate: spans.tracestate === undefined ? context.tracestate : '',
  };
  const brace = { start: _meta.start, end: _meta.start + 1 };
  const first = membersOf(missing);
  return splice(text, [brace, first === '' ? '{' : `{${first},`], ...replaced);
}

function paramsOf(text: string): { readonly [name: string]: Span | undefined } {
  const { params } = findMembers(text, 0, ENVELOPE).spans;
  return findMembers(text, params?.start ?? text.length, PARAMS).spans;
}

function membersOf({ traceparent, tracestate }: TraceContext): string {
  const own = traceparent === '' ? '' : `"traceparent":"${traceparent}"`;
  if (tracestate === '') return own;
  return `${own}${own === '' ? '' : ','}"tracestate":${JSON.stringify(tracestate)}`;
}

/** The text with a first member in the object that stands at a span. */
function withFirst(text: string, { start }: Span, member: string): string {
  const rest = text.slice(start + 1);
  const separator = /^\s*\}/.test(rest) ? '' : ',';
  return `${text.slice(0, start + 1)}${member}${separator}${rest}`;
}

/** One reading of a `_meta` that has several. */
function rewritten(text: string, { traceparent, tracestate }: TraceContext): string {
  const message = JSON.parse(text) as { params?: { _meta?: unknown } };
  const meta = message.params?._meta;
  if (!isObject(meta)) return text;
  for (const key of Object.keys(meta)) if (META.has(key) || META.mistakable(key)) delete meta[key];
  Object.assign(meta, { traceparent }, tracestate !== '' && { tracestate });
  return JSON.stringify(message);
}
