/** The hosts that may be private though they are remote (setting `allowedPrivateHosts`). */
import { BlockList, isIP } from 'node:net';
import { embeddedIPv4 } from './address-ranges.ts';

export interface HostList {
  /** The host itself is named: by its name, or by exactly this address. */
  names(hostname: string, address: string): boolean;
  /** It is covered by a range or by `*`. */
  covers(address: string): boolean;
}

const NAME = /^(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/i;

/** Reads names, addresses, CIDR ranges and `*`. @throws {Error} says which entry is none of these */
export function parseHostList(entries: readonly string[]): HostList {
  const named = new Set<string>();
  const ranges = new BlockList();
  let any = false;
  for (const [index, entry] of entries.entries()) {
    const text = entry.trim().toLowerCase();
    const plain = text.replace(/^\[(.*)\]$/, '$1');
    if (text === '*') any = true;
    else if (isIP(plain) !== 0) named.add(canonical(plain));
    else if (!addRange(ranges, text)) named.add(readName(text, index));
  }
  return {
    names: (hostname, address) => named.has(canonical(hostname)) || named.has(canonical(address)),
    covers: address => any || inRanges(ranges, address),
  };
}

function inRanges(ranges: BlockList, address: string): boolean {
  const plain = canonical(address);
  return ranges.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

function addRange(ranges: BlockList, text: string): boolean {
  const [, address = '', bits = ''] = /^([0-9a-f:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  const prefix = Number(bits);
  if (version === 0 || prefix > (version === 6 ? 128 : 32)) return false;
  ranges.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
  return true;
}

function readName(text: string, index: number): string {
  if (NAME.test(text) && !/^[\d.]+$/.test(text)) return canonical(text);
  throw new Error(
    `entry ${index + 1} must be a host name, an IP address, a range such as 10.0.0.0/8, or "*"`,
  );
}

/** One spelling per host: lower case, no final dot, IPv6 as the URL parser writes it, an IPv4 address inside it bare. */
function canonical(host: string): string {
  const plain = host.toLowerCase().replace(/%.*$/, '').replace(/\.$/, '');
  if (isIP(plain) !== 6) return plain;
  return embeddedIPv4(plain) ?? new URL(`http://[${plain}]`).hostname.slice(1, -1);
}
