/** The answer to one POSTed request: JSON, or a stream that is taken up again where it broke. */
import type { CallFailure } from '../backend.ts';
import { readHead } from '../rpc/places.ts';
import { backoffMs, pause, reconnectMs } from './backoff.ts';
import { collect, mediaType } from './bodies.ts';
import type { RemoteHttp, RemoteReply } from './http-client.ts';
import { answers, type Outgoing } from './outgoing.ts';
import { RemoteFailure } from './remote-failure.ts';
import type { SessionEvents, SessionOptions } from './remote-session.ts';
import { isEventStream, readStream, type StreamEnd } from './remote-stream.ts';
import { statusFailure } from './status-failure.ts';

/** Longest body of a refusal that is looked into for a JSON-RPC error. */
const MAX_REFUSAL_BYTES = 64 * 1024;
/** How long a stream may stay open behind the response that it was for, in ms. */
const LINGER_MS = 1_000;

export interface AnswerContext {
  readonly options: SessionOptions;
  readonly events: SessionEvents;
  /** Headers of the session. */
  readonly headers: () => Record<string, string>;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Hands on what comes, and tells of the failure if the response is not among it. Never rejects. */
export async function readAnswer(
  message: Outgoing,
  reply: RemoteReply,
  context: AnswerContext,
): Promise<void> {
  const failure = isEventStream(reply)
    ? await readStreamed(message, reply, context)
    : await readWhole(message, reply, context);
  if (failure !== null && !context.signal.aborted) context.events.onFailed(message.id, failure);
}

/**
 * An HTTP status that is no success: it may bring a JSON-RPC error for the request all the same, which is its answer.
 * @throws {RemoteFailure} it does not
 */
export async function readRefusal(
  message: Outgoing,
  reply: RemoteReply,
  { onMessage, onActivity }: Pick<SessionEvents, 'onMessage' | 'onActivity'>,
): Promise<void> {
  const { origin } = reply.url;
  const text = await collect(reply.body, MAX_REFUSAL_BYTES, onActivity).then(
    collected => collected.text,
    () => null, // the status alone tells enough
  );
  if (mediaType(reply.head) !== 'application/json' || text === null || !answers(text, message.id)) {
    throw statusFailure(origin, 'POST', reply.status);
  }
  onMessage(text);
}

async function readWhole(
  message: Outgoing,
  { head, body, status, url }: RemoteReply,
  { events, options }: AnswerContext,
): Promise<CallFailure | null> {
  const type = mediaType(head);
  if (type !== 'application/json') {
    options.http.discard(body);
    const what = type === '' ? 'no content type' : `the content type ${type}`;
    return lost(
      `${url.origin} answered HTTP ${status} with ${what}, not JSON or an event stream; check the url`,
    );
  }
  try {
    const { text } = await collect(body, options.maxMessageBytes, events.onActivity);
    if (text === null) return tooLarge(options);
    events.onMessage(text);
    return answers(text, message.id)
      ? null
      : lost(`${url.origin} answered with something else than a response`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return lost(`${url.origin} broke the connection within its answer${code}`);
  }
}

async function readStreamed(
  message: Outgoing,
  first: RemoteReply,
  context: AnswerContext,
): Promise<CallFailure | null> {
  let reply = first;
  let lastEventId: string | null = null;
  let fruitless = 0;
  for (;;) {
    const part = await readPart(message, reply, context);
    if (part.outcome !== undefined || context.signal.aborted) return part.outcome ?? null;
    lastEventId = part.end.lastEventId ?? lastEventId;
    fruitless = part.end.progressed ? 1 : fruitless + 1;
    const { origin } = reply.url;
    if (lastEventId === null)
      return lost(`${origin} ended its answer before the response, and cannot resume it`);
    if (fruitless > context.options.backoff.maxRetries + 1)
      return lost(`${origin} ended its answer again and again`);
    const waitMs = reconnectMs(part.end.retryMs, fruitless, context.options.backoff);
    const next = await resume(lastEventId, waitMs, context);
    if (next instanceof RemoteFailure) {
      return lost(
        `${origin} ended its answer before the response, which could not be resumed: ${next.message}`,
      );
    }
    if (next === null) return null;
    reply = next;
  }
}

interface Part {
  /** null: the response came; undefined: nothing is decided yet. */
  readonly outcome: CallFailure | null | undefined;
  readonly end: StreamEnd;
}

/** One connection's share of a streamed answer. */
async function readPart(message: Outgoing, reply: RemoteReply, context: AnswerContext): Promise<Part> {
  const { events, options } = context;
  let outcome: CallFailure | null | undefined;
  let linger: unknown;
  const decide = (decided: CallFailure | null) => {
    outcome = decided;
    linger ??= options.clock.setTimeout(() => reply.body.destroy(), LINGER_MS);
  };
  const end = await readStream(reply, options.maxMessageBytes, {
    onActivity: events.onActivity,
    onMessage: text => {
      events.onMessage(text);
      if (answers(text, message.id)) decide(null);
    },
    onOversized: (bytes, head, tail) => {
      // A response on this stream can only be the one to its request.
      if (readHead(head).isResponse) decide(tooLarge(options));
      else events.onOversized(bytes, head, tail);
    },
  });
  options.clock.clearTimeout(linger);
  return { outcome, end };
}

/** Takes the stream up behind an event; null when nobody waits any more. */
async function resume(
  lastEventId: string,
  firstWaitMs: number,
  { options, headers, signal }: AnswerContext,
): Promise<RemoteReply | RemoteFailure | null> {
  const { http, url, backoff, clock } = options;
  for (let failures = 1, waitMs = firstWaitMs; ; failures++, waitMs = backoffMs(failures, backoff)) {
    await pause(clock, waitMs, signal);
    if (signal.aborted) return null;
    const all = { ...headers(), accept: 'text/event-stream', 'last-event-id': lastEventId };
    const reply = await http.send({ method: 'GET', url, headers: all, signal }).catch(asRemoteFailure);
    if (!(reply instanceof RemoteFailure) && isEventStream(reply)) return reply;
    const failure = noStream(reply, http);
    if (!failure.temporary || failures > backoff.maxRetries) return failure;
  }
}

/** Why there is no stream; what came in its place is not read. */
export function noStream(reply: RemoteReply | RemoteFailure, http: RemoteHttp): RemoteFailure {
  if (reply instanceof RemoteFailure) return reply;
  http.discard(reply.body);
  return statusFailure(reply.url.origin, 'GET', reply.status);
}

/** @throws what is no RemoteFailure */
export function asRemoteFailure(error: unknown): RemoteFailure {
  if (error instanceof RemoteFailure) return error;
  throw error;
}

function lost(reason: string): CallFailure {
  return { kind: 'lost', reason, delivered: true };
}

function tooLarge({ maxMessageBytes }: SessionOptions): CallFailure {
  const reason = `the answer has more than ${maxMessageBytes} bytes (maxMessageBytes)`;
  return { kind: 'too large', reason, delivered: true };
}
