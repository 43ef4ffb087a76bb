/** Where in the text of a JSON-RPC message the values stand that the multiplexer replaces, and their replacement. */
import { LOG_LEVEL_KEY, PROTOCOL_VERSION_KEY, SUBSCRIPTION_ID_KEY } from './meta.ts';
import { findMembers, Names, NOTHING, type Span } from './scan.ts';

const ENVELOPE = new Names('jsonrpc', 'id', 'method', 'params', 'result', 'error');
const META = new Names('progressToken', PROTOCOL_VERSION_KEY, LOG_LEVEL_KEY, SUBSCRIPTION_ID_KEY);
const RESULT = new Names('_meta');
const PARAMS = new Names('_meta');
/** Methods whose params hold something that the multiplexer or a filter goes by. */
const PARAMS_BY_METHOD: ReadonlyMap<string, Names> = new Map([
  ['notifications/cancelled', new Names('_meta', 'requestId')],
  ['notifications/progress', new Names('_meta', 'progressToken')],
  ['resources/subscribe', new Names('_meta', 'uri')],
  ['resources/unsubscribe', new Names('_meta', 'uri')],
  ['notifications/resources/updated', new Names('_meta', 'uri')],
  ['logging/setLevel', new Names('_meta', 'level')],
  ['notifications/message', new Names('_meta', 'level')],
  ['tools/call', new Names('_meta', 'name')],
]);

/** A message's text and where the values stand that are replaced in it. */
export interface LocatedText {
  readonly text: string;
  readonly id: Span | undefined;
  /** `params._meta.progressToken` */
  readonly metaProgressToken: Span | undefined;
  /** The protocol version, the log level and the subscription's id in `params._meta` (2026-07-28) */
  readonly metaVersion: Span | undefined;
  readonly metaLogLevel: Span | undefined;
  readonly metaSubscriptionId: Span | undefined;
  /** `params.requestId` of `notifications/cancelled` */
  readonly requestId: Span | undefined;
  /** `params.progressToken` of `notifications/progress` */
  readonly progressToken: Span | undefined;
  /** `params.uri` of a subscription's messages */
  readonly uri: Span | undefined;
  /** `params.level` of logging's messages */
  readonly level: Span | undefined;
  /** `params.name` of `tools/call` */
  readonly name: Span | undefined;
}

/** What the first characters of a message that was too long to be read tell of it. */
export interface HeadReading {
  /** The id of a response; null when it is no response, or its id stands further on. */
  readonly responseId: unknown;
  /** True when it can only be a response: `result` or `error` was seen and no `method`. */
  readonly isResponse: boolean;
}

/**
 * Finds what can be replaced in the text of one JSON-RPC message, which must be valid JSON. A text in which another reader
 * could find other values is rewritten first; null when that cannot be done, because it is nested too deeply.
 * @param method as JSON.parse reads it, if it has been parsed
 */
export function locate(text: string, method: unknown = methodOf(text)): LocatedText | null {
  const found = findPlaces(text, method);
  if (found !== null) return found;
  const unambiguous = rewritten(text);
  return unambiguous === null ? null : findPlaces(unambiguous, methodOf(unambiguous));
}

function methodOf(text: string): unknown {
  return valueAt(text, findMembers(text, 0, ENVELOPE).spans.method);
}

export type Edit = readonly [Span | undefined, string];

/** The text with the value at each span replaced; the spans do not overlap, undefined ones are left out. */
export function splice(text: string, ...edits: readonly Edit[]): string {
  let out = '';
  let from = 0;
  for (let next = firstEdit(edits, from); next !== null; next = firstEdit(edits, from)) {
    out += text.slice(from, next.span.start) + next.value;
    from = next.span.end;
  }
  return out + text.slice(from);
}

/** Edits are few and in no order: the next one is looked for, which costs less than sorting them. */
function firstEdit(
  edits: readonly Edit[],
  from: number,
): { readonly span: Span; readonly value: string } | null {
  let first: { readonly span: Span; readonly value: string } | null = null;
  for (const [span, value] of edits) {
    if (span !== undefined && span.start >= from && (first === null || span.start < first.span.start)) {
      first = { span, value };
    }
  }
  return first;
}

/** The value at a span. The text there is valid JSON. */
export function valueAt(text: string, span: Span | undefined): unknown {
  return span === undefined ? undefined : JSON.parse(text.slice(span.start, span.end));
}

/** Reads the head of a message that was skipped; it may be garbage. */
export function readHead(head: string): HeadReading {
  const { spans, ambiguous } = findMembers(head, 0, ENVELOPE);
  const { id, method, result, error } = spans;
  const isResponse = method === undefined && (result !== undefined || error !== undefined);
  // A value that reaches the cut may go on behind it.
  if (ambiguous || !isResponse || id === undefined || id.end >= head.length)
    return { responseId: null, isResponse };
  try {
    return { responseId: valueAt(head, id), isResponse };
  } catch {
    return { responseId: null, isResponse };
  }
}

/** The member right before the brace that ends a message is one of its own. */
const LAST_ID = /"id"\s*:\s*(\d{1,15})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/;

/** The id at the end of a message that was skipped, where servers that write the result first have it; else null. */
export function readTail(tail: string): number | null {
  const [, digits] = LAST_ID.exec(tail) ?? [];
  return digits === undefined ? null : Number(digits);
}

function findPlaces(text: string, method: unknown): LocatedText | null {
  const envelope = findMembers(text, 0, ENVELOPE);
  if (envelope.ambiguous) return null;
  const { id, params: paramsSpan } = envelope.spans;
  const params = paramsSpan === undefined ? NOTHING : findMembers(text, paramsSpan.start, paramNames(method));
  const meta = params.spans._meta === undefined ? NOTHING : findMembers(text, params.spans._meta.start, META);
  if (params.ambiguous || meta.ambiguous) return null;
  const { requestId, progressToken, uri, level, name } = params.spans;
  return {
    text,
    id,
    metaProgressToken: meta.spans.progressToken,
    metaVersion: meta.spans[PROTOCOL_VERSION_KEY],
    metaLogLevel: meta.spans[LOG_LEVEL_KEY],
    metaSubscriptionId: meta.spans[SUBSCRIPTION_ID_KEY],
    requestId,
    progressToken,
    uri,
    level,
    name,
  };
}

/**
 * Where the subscription's id stands in `result._meta` of a response; undefined when nowhere, or in several places. Not
 * found by `locate`, which need not look into results: only the answer to `subscriptions/listen` has one.
 */
export function locateResultSubscription({ text }: LocatedText): Span | undefined {
  const { result } = findMembers(text, 0, ENVELOPE).spans;
  const { _meta } = findMembers(text, result?.start ?? text.length, RESULT).spans;
  const { spans, ambiguous } = findMembers(text, _meta?.start ?? text.length, META);
  return ambiguous ? undefined : spans[SUBSCRIPTION_ID_KEY];
}

/** The code of an error response; null when it is none. */
export function readErrorCode(text: string): number | null {
  // Most responses are results, and may be long.
  if (!text.includes('"error"')) return null;
  const error = valueAt(text, findMembers(text, 0, ENVELOPE).spans.error);
  return isObject(error) && typeof error.code === 'number' ? error.code : null;
}

/**
 * True when two readers of the text could find different values along `path`, whose first name is a member of `params`:
 * a name of it occurs twice, or escaped, or in another case (2026-07-28, "Server Validation").
 */
export function isAmbiguousAt(text: string, path: readonly string[]): boolean {
  let at = findMembers(text, 0, ENVELOPE).spans.params?.start;
  for (const name of path) {
    if (at === undefined) return false;
    const { spans, ambiguous } = findMembers(text, at, new Names(name));
    if (ambiguous) return true;
    at = spans[name]?.start;
  }
  return false;
}

/** Whether something in the params of the method is replaced or gone by, beside `_meta` and the name of a tool. */
export function goesByParams(method: string): boolean {
  return method !== 'tools/call' && PARAMS_BY_METHOD.has(method);
}

function paramNames(method: unknown): Names {
  return (typeof method === 'string' ? PARAMS_BY_METHOD.get(method) : undefined) ?? PARAMS;
}

/** The text as one reading of it, without what a lenient reader could take for a wanted member; null: nested too deeply. */
function rewritten(text: string): string | null {
  const message = JSON.parse(text) as Record<string, unknown>;
  dropMistakable(message, ENVELOPE);
  if (isObject(message.params)) {
    dropMistakable(message.params, paramNames(message.method));
    if (isObject(message.params._meta)) dropMistakable(message.params._meta, META);
  }
  try {
    return JSON.stringify(message);
  } catch {
    // Only the depth can be at fault: what JSON.parse returns has no cycles and no unknown types.
    return null;
  }
}

function dropMistakable(object: Record<string, unknown>, names: Names): void {
  for (const key of Object.keys(object)) if (names.mistakable(key)) delete object[key];
}

/** The object that a text is; null for what is another value, or no JSON. */
export function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
