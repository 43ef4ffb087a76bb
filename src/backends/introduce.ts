/** How a lane introduces itself to its backend, by the era it is to speak. */
import type { JsonObject } from '../store/event-log.ts';
import { type Handshake, type Introduction, StartFailure } from './backend.ts';
import type { Clock } from './clock.ts';
import { discoverQuestion } from './discover.ts';
import type { HandshakeExchange } from './handshake.ts';
import { initializeQuestion } from './initialize.ts';
import type { Transport } from './transport.ts';

/** A legacy server may not answer `server/discover` at all (stdio, "Backward Compatibility"); then it is one, after this time. */
const DISCOVER_PATIENCE_MS = 15_000;

export interface Introducing {
  readonly exchange: HandshakeExchange;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Evergate's own version. */
  readonly version: string;
  /** Whether this is a service's first lane: see `LaunchRequest.introduction`. */
  readonly first: boolean;
  /** Client capabilities offered to a legacy backend where no client's own are. */
  readonly capabilities: JsonObject;
}

/**
 * Performs the handshake. Without an introduction it is the legacy one. A backend that refuses that as one which does not
 * know it is asked the modern way, if this is a first lane, on the same connection: the modern era keeps no state that the
 * refusal could have spoilt.
 * @throws {StartFailure} `unspoken` names the era that was asked for and is not spoken
 */
export async function introduce(
  given: Introducing,
  introduction: Introduction | undefined,
): Promise<Handshake> {
  if (introduction?.era === 'modern') return discover(given);
  const { exchange, transport, version, capabilities, first } = given;
  const evergate = { name: 'evergate', version };
  const client = introduction ?? { protocolVersion: null, capabilities, clientInfo: null };
  const identity = { ...client, clientInfo: client.clientInfo ?? evergate };
  try {
    return await exchange.perform(transport, initializeQuestion(identity));
  } catch (refusal) {
    if (!first || !(refusal instanceof StartFailure) || refusal.unspoken !== 'legacy') throw refusal;
    return discover(given).catch(() => Promise.reject(refusal));
  }
}

function discover({ exchange, transport, clock, version }: Introducing): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: string) => reject(new StartFailure(reason, 'modern'));
    const silent = `the backend did not answer server/discover within ${DISCOVER_PATIENCE_MS} ms`;
    const timer = clock.setTimeout(() => giveUp(silent), DISCOVER_PATIENCE_MS);
    // A server that takes the question for a reason to exit does not speak the era either.
    void transport.gone.then(({ message }) => giveUp(`the backend ended on server/discover: ${message}`));
    void exchange
      .perform(transport, discoverQuestion(version))
      .then(resolve, reject)
      .finally(() => clock.clearTimeout(timer));
  });
}
