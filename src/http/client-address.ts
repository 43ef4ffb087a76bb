/** Whom a request comes from. */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** Some proxies append the port of the connection to the address, which is another each time. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/;

/** The address of the client, or of the proxy where what that says of it is no address; '' once it has hung up. */
export function addressOf({ ip, socket }: FastifyRequest): string {
  // The types do not know that a socket forgets its address.
  if (ip === undefined || !ip.includes(':') || isIP(ip) === 6) return ip ?? '';
  const [, inBrackets, bare] = WITH_PORT.exec(ip) ?? [];
  const address = inBrackets ?? bare ?? '';
  return isIP(address) === 0 ? (socket.remoteAddress ?? '') : address;
}
