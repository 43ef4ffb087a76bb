/** The setting `trustedProxies`: whose word is taken for where a request comes from. */
import { isIP } from 'node:net';
import { each, listOf } from './kinds.ts';
import { WrongValue } from './settings-error.ts';

export const proxies = listOf('a list of IP addresses and CIDR ranges', each(addressOrRange));

function addressOrRange(entry: string): string {
  const [address = '', bits, ...more] = entry.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const inRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
  if (longest >= 0 && inRange && more.length === 0) return entry;
  throw new WrongValue('must be an IP address or a range such as 10.0.0.0/8');
}
