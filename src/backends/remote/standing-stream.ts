/** The stream that a session listens on for what belongs to no request (specification, "Listening for Messages"). */
import { asRemoteFailure, noStream } from './answers.ts';
import { pause, reconnectMs } from './backoff.ts';
import { RemoteFailure } from './remote-failure.ts';
import type { SessionEvents, SessionOptions } from './remote-session.ts';
import { isEventStream, readStream } from './remote-stream.ts';

/** What a stream that was open before gets when its session has ended; 400 from servers that know only that it is not theirs. */
const SESSION_ENDED: ReadonlySet<number | null> = new Set([400, 404]);

export interface StandingStream {
  /** Headers of the session. */
  readonly headers: () => Record<string, string>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Opens the stream and opens it again whenever it ends, from where it ended. A remote need not offer one: a first
 * attempt that is refused is the last. Where it once was open, 404 (or 400) means that the session has ended, and a remote that
 * stays away for `maxRetries` attempts is lost. Never rejects.
 */
export async function keepStandingStream(
  options: SessionOptions,
  events: SessionEvents,
  { headers, signal }: StandingStream,
): Promise<void> {
  const { http, url, clock, backoff, maxMessageBytes } = options;
  let lastEventId: string | null = null;
  let retryMs: number | null = null;
  let opened = false;
  let failures = 0;
  let fruitless = 0;
  while (!signal.aborted) {
    const resumption = lastEventId === null ? {} : { 'last-event-id': lastEventId };
    const all = { ...headers(), accept: 'text/event-stream', ...resumption };
    const reply = await http.send({ method: 'GET', url, headers: all, signal }).catch(asRemoteFailure);
    if (signal.aborted) return;
    if (!(reply instanceof RemoteFailure) && isEventStream(reply)) {
      opened = true;
      failures = 0;
      const end = await readStream(reply, maxMessageBytes, events);
      lastEventId = end.lastEventId ?? lastEventId;
      retryMs = end.retryMs ?? retryMs;
      fruitless = end.progressed ? 1 : fruitless + 1;
    } else {
      if (!isToBeTriedAgain(noStream(reply, http), opened, ++failures > backoff.maxRetries, events)) return;
      fruitless++;
    }
    await pause(clock, reconnectMs(retryMs, fruitless, backoff), signal);
  }
}

function isToBeTriedAgain(
  failure: RemoteFailure,
  opened: boolean,
  isLast: boolean,
  events: SessionEvents,
): boolean {
  if (failure.fault === 'unreachable') events.onUnreachable(failure.message);
  else if (!opened) return false;
  else if (SESSION_ENDED.has(failure.status)) events.onEnded(`the session has ended: ${failure.message}`);
  else if (failure.temporary && !isLast) return true;
  else if (failure.temporary) events.onUnreachable(failure.message);
  return false;
}
