/** The setting `trustedProxies`: whose word is taken for where a request comes from. */
import { isIP } from 'node:net';
import { type Kind, texts } from './kinds.ts';
import { WrongValue } from './settings-error.ts';

export const proxies: Kind<readonly string[]> = {
  ...texts,
  expects: 'a list of IP addresses and CIDR ranges',
  fromTexts: values => texts.fromTexts(values).map(checked),
  fromFile: value => texts.fromFile(value).map(checked),
};

function checked(entry: string, index: number): string {
  const [address = '', bits, ...more] = entry.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const inRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
  if (longest >= 0 && inRange && more.length === 0) return entry;
  throw new WrongValue(`entry ${index + 1} must be an IP address or a range such as 10.0.0.0/8`);
}
