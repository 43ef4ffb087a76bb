/** The legacy handshake, said again to a remote that has forgotten it. */
import type { CallFailure } from '../backend.ts';
import { isVersionText } from '../protocol-versions.ts';
import { notificationText } from '../rpc/build.ts';
import type { RpcId } from '../rpc/json-rpc.ts';
import { isObject, objectIn } from '../rpc/places.ts';
import { backoffMs, pause } from './backoff.ts';
import { describeOutgoing, type Outgoing } from './outgoing.ts';
import { asFailure, RemoteFailure } from './remote-failure.ts';
import type { RemoteSession, SessionOptions } from './remote-session.ts';

/** Whoever waits for the answer to the handshake, in place of the lane. */
export interface HandshakeListener {
  readonly id: RpcId | null;
  answered(text: string): void;
  /** There will be no answer. */
  failed(failure: CallFailure): void;
}

export interface Introduction {
  /** The lane's own `initialize`, word for word. */
  readonly initialize: Outgoing;
  /** The version that was agreed on: clients go by it, so it must be agreed on again. */
  readonly version: string;
}

/**
 * Begins sessions until one has shaken hands. Failures that may pass are tried again, `maxRetries` times at most.
 * Resolves with null, or with why it was given up.
 */
export async function handshakeAgain(
  introduction: Introduction,
  options: SessionOptions,
  signal: AbortSignal,
  begin: (listener: HandshakeListener) => RemoteSession,
): Promise<string | null> {
  for (let failures = 1; ; failures++) {
    const failure = await attempt(introduction, options, signal, begin).catch(asFailure);
    if (failure === null) return null;
    if (signal.aborted || !failure.temporary || failures > options.backoff.maxRetries) return failure.message;
    await pause(options.clock, backoffMs(failures, options.backoff), signal);
    if (signal.aborted) return failure.message;
  }
}

/** The protocol version in a response to `initialize`; null when there is none, or the remote wrote no JSON. */
export function versionOf(text: string): string | null {
  const result = objectIn(text)?.result;
  const version = isObject(result) ? result.protocolVersion : null;
  return isVersionText(version) ? version : null;
}

async function attempt(
  { initialize, version }: Introduction,
  options: SessionOptions,
  signal: AbortSignal,
  begin: (listener: HandshakeListener) => RemoteSession,
): Promise<null> {
  const { origin } = options.url;
  let tell: (answer: string | RemoteFailure) => void = () => {};
  const answer = new Promise<string | RemoteFailure>(resolve => {
    tell = resolve;
  });
  const failed = ({ reason }: CallFailure) => tell(new RemoteFailure('broken', reason, true));
  const session = begin({ id: initialize.id, answered: text => tell(text), failed });
  try {
    await session.open(signal);
    const agreed = await inTime(options, signal, async given => {
      given.addEventListener('abort', () => tell(new RemoteFailure('broken', 'given up', true)));
      await session.post(initialize, given);
      return agreedVersion(await answer, origin);
    });
    if (agreed !== version) {
      throw new RemoteFailure('not allowed', `${origin} now speaks version ${agreed}, not ${version}`, true);
    }
    session.protocolVersion = agreed;
    await session.post(describeOutgoing(notificationText('notifications/initialized')));
    return null;
  } catch (error) {
    session.drop(`the handshake with ${origin} failed`);
    throw error;
  }
}

/** Hands on a signal that says when it takes too long, or is no longer wanted. @throws {RemoteFailure} it took too long */
async function inTime<T>(
  { url, clock, handshakeTimeoutMs }: SessionOptions,
  signal: AbortSignal,
  task: (given: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = clock.setTimeout(() => limit.abort(), handshakeTimeoutMs);
  try {
    return await task(AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    if (!limit.signal.aborted) throw error;
    const silence = `${url.origin} did not answer initialize in ${handshakeTimeoutMs} ms`;
    throw new RemoteFailure('broken', silence, true);
  } finally {
    clock.clearTimeout(timer);
  }
}

function agreedVersion(answer: string | RemoteFailure, origin: string): string {
  if (answer instanceof RemoteFailure) throw answer;
  const version = versionOf(answer);
  if (version === null) throw new RemoteFailure('not allowed', `${origin} refused initialize`, true);
  return version;
}
