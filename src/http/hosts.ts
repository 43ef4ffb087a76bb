/** Which `Host` and `Origin` a request may name: the guard against DNS rebinding (MCP transport security). */
import { isIP } from 'node:net';

export interface HostPolicy {
  /** Whether a `Host` header may be answered. */
  allowsHost(host: string | undefined): boolean;
  /** Whether a page of this `Origin` may call; true when there is none. */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean;
  /** Whether a page of this `Origin` may manage services, too; true when there is none. */
  allowsManagement(origin: string | undefined, host: string | undefined): boolean;
}

export interface HostSettings {
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly publicUrl: string | null;
  readonly corsOrigins: readonly string[];
}

const wildcards = new Set(['0.0.0.0', '::']);

const MAX_PORT = 65_535;

/** Most `Host` headers that are remembered as allowed: clients send the same few again and again. */
const MAX_REMEMBERED = 64;

/**
 * Allows loopback names, the configured host, `allowedHosts` and that of `publicUrl`. Bound to a wildcard address, any
 * literal IP address is a good `Host` too: a name can be rebound, an address cannot. An `Origin` must name an allowed host
 * or be one of `corsOrigins`, or be the gateway's own (same host and port as `Host`, as of the page it serves).
 *
 * To manage services a page must be the gateway's own, or its origin named by a setting, port included: a browser sends
 * some requests for any page without asking first, and whatever else listens on this machine has pages, too.
 */
export function hostPolicy({ host: configuredHost, allowedHosts, ...more }: HostSettings): HostPolicy {
  const own = more.publicUrl === null ? [] : [new URL(more.publicUrl).hostname];
  const listed = namesOf([...allowedHosts, ...own, configuredHost]);
  const pages = new Set([...more.corsOrigins, ...(more.publicUrl === null ? [] : [more.publicUrl])]);
  const places = new Set(allowedHosts.map(host => (isIP(host) === 6 ? `[${host}]` : host).toLowerCase()));
  const anyAddress = wildcards.has(unbracketed(configuredHost));
  const names = (hostname: string) => isLoopback(hostname) || listed.has(hostname);
  const allowed = new Set<string>();
  const allowsHost = (host: string | undefined) => {
    if (host === undefined) return false;
    if (allowed.has(host)) return true;
    const hostname = hostnameOf(host);
    const isAllowed = hostname !== undefined && (names(hostname) || (anyAddress && isIP(hostname) !== 0));
    if (isAllowed && allowed.size < MAX_REMEMBERED) allowed.add(host);
    return isAllowed;
  };
  return {
    allowsHost,
    allowsOrigin(origin, host) {
      if (origin === undefined || pages.has(origin)) return true;
      const authority = authorityOf(origin);
      if (authority === undefined) return false;
      if (isOwn(origin, host)) return true;
      const hostname = hostnameOf(authority);
      return hostname !== undefined && names(hostname);
    },
    allowsManagement(origin, host) {
      if (origin === undefined || pages.has(origin)) return true;
      return isOwn(origin, host) || spellingsOf(origin).some(place => places.has(place));
    },
  };
}

/** Whether a page comes from where its request goes to. */
function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && spellingsOf(origin).includes(host.toLowerCase());
}

/** The hosts of a setting, where an IPv6 address may stand without its brackets. */
export function namesOf(hosts: readonly string[]): ReadonlySet<string> {
  return new Set(hosts.map(host => hostnameOf(host) ?? host.toLowerCase()));
}

/** `host[:port]` of an origin, lower case; undefined when it is none of the web's. */
function authorityOf(origin: string): string | undefined {
  return /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1]?.toLowerCase();
}

/** The same in each form in which a Host header may have it: with the port of its scheme, and without. */
function spellingsOf(origin: string): readonly string[] {
  const authority = authorityOf(origin);
  if (authority === undefined) return [];
  const port = origin.toLowerCase().startsWith('https:') ? ':443' : ':80';
  if (authority.endsWith(port)) return [authority, authority.slice(0, -port.length)];
  return /:\d+$/.test(authority) ? [authority] : [authority, authority + port];
}

/**
 * The host of `host[:port]`, lower case, without the brackets of an IPv6 address; undefined when malformed, as such an
 * address without brackets is (RFC 3986 §3.2.2).
 */
export function hostnameOf(authority: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+)(?::(\d{1,5}))?$/i.exec(authority);
  if (Number(match?.[2] ?? 0) > MAX_PORT) return undefined;
  return match?.[1] === undefined ? undefined : unbracketed(match[1].toLowerCase()).replace(/\.$/, '');
}

function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '::1' || (hostname.startsWith('127.') && isIP(hostname) === 4)
  );
}
