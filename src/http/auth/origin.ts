/** The gateway's own URL, as clients see it. */
import type { FastifyRequest } from 'fastify';
import { hostnameOf, namesOf } from '../hosts.ts';
import type { HttpSettings } from '../settings.ts';

export interface Place {
  /** The `Host` of the request. */
  readonly host: string | undefined;
  /** Where the connection arrived; undefined: on no TCP port. */
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/** @returns the origin of the gateway's own URL, as whoever made the request sees it */
export function originFinder(
  settings: Pick<HttpSettings, 'publicUrl' | 'host' | 'allowedHosts'>,
): (request: FastifyRequest) => string {
  const { publicUrl } = settings;
  if (publicUrl !== null) return () => publicUrl;
  const find = localOrigins(settings);
  return ({ headers: { host }, socket: { localAddress, localPort } }) =>
    find({ host, localAddress, localPort });
}

/**
 * Without a public URL it is a name of this machine, and the port where the request arrived. Of what the client says in its
 * `Host` only the name counts, and only if it is certainly the gateway's: it decides which tokens are good here, and at any
 * other port, or any other loopback address, there can be another server, whose tokens must not be.
 */
export function localOrigins({ host, allowedHosts }: Pick<HttpSettings, 'host' | 'allowedHosts'>) {
  const names = namesOf(['localhost', host, ...allowedHosts]);
  return ({ host: called = '', localAddress = '', localPort = 0 }: Place): string => {
    const address = localAddress.replace(/^::ffff:(?=\d+\.)/, '');
    const name = hostnameOf(called);
    const known = name !== undefined && (name === address || names.has(name)) ? name : address;
    return new URL(`http://${known.includes(':') ? `[${known}]` : known || 'localhost'}:${localPort}`).origin;
  };
}
