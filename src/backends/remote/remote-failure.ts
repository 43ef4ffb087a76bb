/** What can go wrong with one HTTP exchange with a remote backend, told without a secret: of a URL only its origin. */
import { messageOf } from '../../message-of.ts';
import type { CallFailure } from '../backend.ts';
import { AddressRefused } from './address-guard.ts';

/**
 * - `unreachable`: no connection came about, nothing was sent.
 * - `not allowed`: it was not tried, or must not be tried again (address guard, certificate, redirect).
 * - `status`: the remote answered with an HTTP status that is no answer.
 * - `session`: the remote does not know the session (any more).
 * - `broken`: the connection broke, or what came over it cannot be used.
 */
export type Fault = 'unreachable' | 'not allowed' | 'status' | 'session' | 'broken';

export class RemoteFailure extends Error {
  override readonly name = 'RemoteFailure';

  constructor(
    readonly fault: Fault,
    message: string,
    /** Whether the remote may have acted on what was sent; what may have been delivered is never sent again. */
    readonly delivered: boolean,
    /** HTTP status, for the fault `status`. */
    readonly status: number | null = null,
  ) {
    super(message);
  }

  /** Worth another try of the gateway's own: not for a client's message. */
  get temporary(): boolean {
    return this.fault === 'broken' || (this.status !== null && (this.status >= 500 || this.status === 429));
  }

  toCallFailure(): CallFailure {
    const kind = this.fault === 'status' ? 'refused' : 'lost';
    return { kind, reason: this.message, delivered: this.delivered };
  }
}

/** What a caught value means for the message it is about, and for no other: it may have been delivered. */
export function asFailure(error: unknown): RemoteFailure {
  if (error instanceof RemoteFailure) return error;
  return new RemoteFailure('broken', `unexpected fault: ${messageOf(error)}`, true);
}

/** The connection was not made in time. */
export class ConnectTimeout extends Error {
  override readonly name = 'ConnectTimeout';
}

const TLS_FAULT = /CERT|SSL|TLS|SIGNED|VERIFY|ISSUER/;

/** @param established whether the connection was made before it failed: then bytes may have been delivered */
export function explainFailure(error: unknown, origin: string, established: boolean): RemoteFailure {
  if (error instanceof RemoteFailure) return error;
  if (error instanceof AddressRefused) return refused(origin, error);
  const code = codeOf(error);
  if (code === 'ABORT_ERR') return givenUp(origin, established);
  if (established) {
    return new RemoteFailure('broken', `${origin} broke the connection before it answered (${code})`, true);
  }
  if (error instanceof ConnectTimeout) {
    const advice = 'check that it is up, or raise connectTimeoutSecs';
    return new RemoteFailure('unreachable', `${origin} took no connection in time; ${advice}`, false);
  }
  if (TLS_FAULT.test(code)) {
    const advice = 'renew its certificate, or name its authority in NODE_EXTRA_CA_CERTS';
    return new RemoteFailure('not allowed', `${origin} cannot be trusted (${code}); ${advice}`, false);
  }
  const advice = 'check the url, and that the server is up';
  return new RemoteFailure('unreachable', `${origin} cannot be reached (${code}); ${advice}`, false);
}

/** The gateway itself ended the exchange: nobody waits for it any more, or the remote took too long. */
export function givenUp(origin: string, delivered: boolean): RemoteFailure {
  return new RemoteFailure(
    'broken',
    `the exchange with ${origin} was given up before it was answered`,
    delivered,
  );
}

/** A host that must not be connected to. */
export function refused(origin: string, { message, setting }: AddressRefused): RemoteFailure {
  const advice = `if that is meant, add the host to the setting ${setting}`;
  return new RemoteFailure(
    'not allowed',
    `${origin} is at ${message}, which is not allowed; ${advice}`,
    false,
  );
}

/** Never the error's message: it can quote a path or a header. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
