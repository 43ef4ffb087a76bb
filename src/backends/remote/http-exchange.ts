/** One HTTP request to one origin, over a connection whose address was judged. No redirect, no retry. */
import { type Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '../clock.ts';
import { type AddressGuard, AddressRefused } from './address-guard.ts';
import { ConnectTimeout, explainFailure, givenUp, refused } from './remote-failure.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborting ends the exchange, the reading of its answer included. */
  readonly signal: AbortSignal;
}

export interface Connecting {
  readonly guard: AddressGuard;
  readonly agent: Agent;
  readonly clock: Clock;
  /** Time for the connection, TLS included, in ms. */
  readonly connectTimeoutMs: number;
}

/** Resolves with the answer as soon as its head is there. @throws {RemoteFailure} */
export function exchange(options: HttpRequest, connecting: Connecting): Promise<IncomingMessage> {
  const { method, url, headers, body, signal } = options;
  return new Promise((resolve, reject) => {
    const { origin, protocol, hostname, port, pathname, search } = url;
    if (signal.aborted) {
      reject(givenUp(origin, false));
      return;
    }
    try {
      connecting.guard.checkHost(hostname);
    } catch (error) {
      reject(error instanceof AddressRefused ? refused(origin, error) : error);
      return;
    }
    const call = (protocol === 'https:' ? requestHttps : requestHttp)({
      method,
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      ...(port !== '' && { port }),
      path: pathname + search,
      headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: connecting.agent,
      lookup: connecting.guard.lookup,
      signal,
    });
    const connection = watchConnection(call, connecting, protocol === 'https:');
    call.once('response', resolve);
    // It stays: an abort or a loss after the head is told by the answer's own stream as well.
    call.on('error', error => reject(explainFailure(error, origin, connection.established)));
    call.end(body);
  });
}

/** Bounds the time for the connection and tells whether it was made. */
function watchConnection(
  call: ClientRequest,
  { clock, connectTimeoutMs }: Connecting,
  secure: boolean,
): { readonly established: boolean } {
  const state = { established: false };
  call.once('socket', socket => {
    if (call.reusedSocket) {
      state.established = true;
      return;
    }
    const timer = clock.setTimeout(() => call.destroy(new ConnectTimeout()), connectTimeoutMs);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      state.established = true;
      clock.clearTimeout(timer);
    });
    socket.once('close', () => clock.clearTimeout(timer));
  });
  return state;
}
