/** The setting `allowedRemoteHosts`: where remote services may be, whatever their address. */
import { isIP } from 'node:net';

export interface RemoteHosts {
  /** @param hostname as the URL parser writes it */
  allows(hostname: string): boolean;
}

const NAME = /^(?:\*\.)?(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/** Reads names, addresses, and `*.example.com` for any name below one. An empty list allows all. @throws {Error} names the entry */
export function remoteHosts(entries: readonly string[]): RemoteHosts {
  const exact = new Set<string>();
  const suffixes: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const host = canonical(entry.trim());
    if (host.startsWith('*.') && NAME.test(host)) suffixes.push(host.slice(1));
    else if (isIP(host) !== 0 || NAME.test(host)) exact.add(host);
    else throw new Error(`entry ${index + 1} must be a host name, an address, or *.example.com`);
  }
  return {
    allows(hostname) {
      const host = canonical(hostname);
      return entries.length === 0 || exact.has(host) || suffixes.some(suffix => host.endsWith(suffix));
    },
  };
}

function canonical(host: string): string {
  const plain = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  return isIP(plain) === 6 ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : plain;
}
