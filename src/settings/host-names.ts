/** The setting `allowedHosts`: names by which the gateway may be called. */
import { isIP } from 'node:net';
import { hostnameOf } from '../http/hosts.ts';
import { each, listOf } from './kinds.ts';
import { WrongValue } from './settings-error.ts';

export const hostNames = listOf(
  'a list of host names and addresses, each with a port or without',
  each(hostName),
);

/** As a `Host` header has it: an entry that is never equal to one would be of no use, and nobody would know. */
function hostName(entry: string): string {
  const hostname = isIP(entry) === 6 ? entry : hostnameOf(entry);
  if (hostname !== undefined && (isIP(hostname) !== 0 || /^[\w.-]+$/.test(hostname))) return entry;
  throw new WrongValue(
    'must be a host name or address, with a port or without, such as gateway.example.com: no scheme, no path, no *, and letters ' +
      'beyond ASCII in punycode',
  );
}
