/**
 * Where remote backends may be: not at private, loopback, link-local, metadata or other special addresses, unless the
 * operator said so. Whoever may register a service could otherwise read what only this machine can reach.
 *
 * A name is resolved once per connection, and the connection goes to an address that was judged here: a name that
 * resolves to something else a moment later (DNS rebinding) gains nothing.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { remoteHosts } from '../rules/allowed-hosts.ts';
import { classOf } from './address-ranges.ts';
import { parseHostList } from './host-list.ts';

export type Resolve = (hostname: string, family: number) => Promise<readonly LookupAddress[]>;

export interface GuardOptions {
  /** Loopback is not refused: true while the gateway itself listens on loopback only. */
  readonly allowLoopback: boolean;
  /** Names, addresses and CIDR ranges that may be private; `*` is any, but for metadata addresses. Default none. */
  readonly allowedPrivateHosts?: readonly string[];
  /** Names that a remote or a redirect of it may have; empty (the default): any. */
  readonly allowedRemoteHosts?: readonly string[];
  /** Default: the resolver of the operating system. */
  readonly resolve?: Resolve;
}

/** No connection was made: the host is at an address that is not allowed. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';

  constructor(
    message: string,
    /** The setting that could allow it. */
    readonly setting: 'allowedPrivateHosts' | 'allowedRemoteHosts' = 'allowedPrivateHosts',
  ) {
    super(message);
  }
}

export interface AddressGuard {
  /** Judges the name of a host, and one that is a literal address, which is connected to without a lookup. @throws {AddressRefused} */
  checkHost(hostname: string): void;
  /** For sockets: gives the allowed addresses of a name only, or fails with AddressRefused. */
  readonly lookup: LookupFunction;
}

/** @throws {Error} a list has an entry that cannot be read */
export function createAddressGuard(options: GuardOptions): AddressGuard {
  const {
    allowLoopback,
    allowedPrivateHosts = [],
    allowedRemoteHosts = [],
    resolve = systemResolve,
  } = options;
  const list = parseHostList(allowedPrivateHosts);
  const hosts = remoteHosts(allowedRemoteHosts);
  const refusal = (hostname: string, address: string): string | null => {
    const { kind, name } = classOf(address);
    if (kind === 'public' || list.names(hostname, address)) return null;
    if (kind !== 'metadata' && list.covers(address)) return null;
    return kind === 'loopback' && allowLoopback ? null : name;
  };
  const judge = (hostname: string, found: readonly LookupAddress[]) => {
    const allowed = found.filter(({ address }) => refusal(hostname, address) === null);
    if (allowed.length > 0) return allowed;
    const [first] = found;
    throw new AddressRefused(first === undefined ? 'no address' : (refusal(hostname, first.address) ?? ''));
  };
  return {
    checkHost(hostname) {
      if (!hosts.allows(hostname))
        throw new AddressRefused('a host that is not listed', 'allowedRemoteHosts');
      const plain = hostname.replace(/^\[(.*)\]$/, '$1');
      const name = isIP(plain) === 0 ? null : refusal(plain, plain);
      if (name !== null) throw new AddressRefused(name);
    },
    lookup(hostname, { family = 0, all = false }, callback) {
      resolve(hostname, familyNumber(family)).then(
        found => answer(() => judge(hostname, found), all, callback),
        error => callback(error, []),
      );
    },
  };
}

type LookupCallback = Parameters<LookupFunction>[2];

function answer(judged: () => LookupAddress[], all: boolean, callback: LookupCallback): void {
  try {
    const allowed = judged();
    const [first] = allowed;
    if (all || first === undefined) callback(null, allowed);
    else callback(null, first.address, first.family);
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)), []);
  }
}

function familyNumber(family: number | 'IPv4' | 'IPv6'): number {
  if (typeof family === 'number') return family;
  return family === 'IPv4' ? 4 : 6;
}

function systemResolve(hostname: string, family: number): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true, family }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });
}
