/** The setting `allowedHosts`: names by which the gateway may be called. */
import { isIP } from 'node:net';
import { hostnameOf } from '../http/hosts.ts';
import { type Kind, texts } from './kinds.ts';
import { WrongValue } from './settings-error.ts';

export const hostNames: Kind<readonly string[]> = {
  ...texts,
  expects: 'a list of host names and addresses, each with a port or without',
  fromTexts: values => texts.fromTexts(values).map(checked),
  fromFile: value => texts.fromFile(value).map(checked),
};

/** As a `Host` header has it: an entry that is never equal to one would be of no use, and nobody would know. */
function checked(entry: string, index: number): string {
  const hostname = isIP(entry) === 6 ? entry : hostnameOf(entry);
  if (hostname !== undefined && (isIP(hostname) !== 0 || /^[\w.-]+$/.test(hostname))) return entry;
  throw new WrongValue(
    `entry ${index + 1} must be a host name or address, with a port or without, such as gateway.example.com: no scheme, no ` +
      'path, no *, and letters beyond ASCII in punycode',
  );
}
