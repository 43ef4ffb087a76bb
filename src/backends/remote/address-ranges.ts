/** What kind of address an IP address is, as far as connecting to it could be an attack (server-side request forgery). */
import { BlockList, isIP } from 'node:net';

/** `metadata`: where clouds hand credentials to whatever runs on a machine. `private`: all else that is not public. */
export type AddressKind = 'public' | 'private' | 'loopback' | 'metadata';

export interface AddressClass {
  readonly kind: AddressKind;
  /** For people: `a private address (RFC 1918)`. */
  readonly name: string;
}

interface Range extends AddressClass {
  readonly block: BlockList;
}

/** Earlier ranges go before later ones. The special-purpose registries of IANA, and the metadata services of clouds. */
const RANGES: readonly Range[] = [
  range('metadata', 'a cloud metadata address', [
    '169.254.169.254/32',
    '169.254.169.253/32',
    '169.254.170.2/32',
    '169.254.170.23/32',
    '100.100.100.200/32',
    '168.63.129.16/32',
    '192.0.0.192/32',
    'fd00:ec2::/32',
    'fd20:ce::/64',
  ]),
  range('loopback', 'a loopback address', ['127.0.0.0/8', '::1/128']),
  range('private', 'the unspecified address', ['0.0.0.0/8', '::/128']),
  range('private', 'a private address', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']),
  range('private', 'a link-local address', ['169.254.0.0/16', 'fe80::/10']),
  range('private', 'an address of carrier-grade NAT', ['100.64.0.0/10']),
  range('private', 'a multicast address', ['224.0.0.0/4', 'ff00::/8']),
  range('private', 'a reserved address', [
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '240.0.0.0/4',
    '2001::/23', // Teredo, which carries an IPv4 address, is in it
    '2001:db8::/32',
    '2002::/16', // 6to4 carries one, too
    '3fff::/20',
  ]),
];

const PUBLIC: AddressClass = { kind: 'public', name: 'a public address' };
const NOT_GLOBAL: AddressClass = { kind: 'private', name: 'no global unicast address' };
const NO_ADDRESS: AddressClass = { kind: 'private', name: 'no IP address' };
const GLOBAL_UNICAST = blockOf(['2000::/3']);

/** The class of a literal address; an IPv4 address inside an IPv6 one (mapped, NAT64) is what is judged. */
export function classOf(address: string): AddressClass {
  const plain = address.replace(/%.*$/, '');
  const version = isIP(plain);
  if (version === 0) return NO_ADDRESS;
  const embedded = version === 6 ? embeddedIPv4(plain) : null;
  if (embedded !== null) return classOf(embedded);
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const found = RANGES.find(({ block }) => block.check(plain, family));
  if (found !== undefined) return found;
  return version === 4 || GLOBAL_UNICAST.check(plain, family) ? PUBLIC : NOT_GLOBAL;
}

/** The IPv4 address that `::ffff:0:0/96` or `64:ff9b::/96` leads to; null for other addresses. */
export function embeddedIPv4(ipv6: string): string | null {
  const groups = groupsOf(ipv6);
  const [high = 0, low = 0] = groups.slice(6);
  const prefix = groups.slice(0, 6).join(':');
  if (prefix !== MAPPED && prefix !== NAT64) return null;
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

const MAPPED = [0, 0, 0, 0, 0, 0xffff].join(':');
const NAT64 = [0x64, 0xff9b, 0, 0, 0, 0].join(':');
const GROUPS = 8;

/** The eight numbers of an IPv6 address; the URL parser brings every spelling into one. */
function groupsOf(ipv6: string): number[] {
  const { hostname } = new URL(`http://[${ipv6}]`);
  const [left = [], right = []] = hostname
    .slice(1, -1)
    .split('::')
    .map(side => (side === '' ? [] : side.split(':').map(group => Number.parseInt(group, 16))));
  return [...left, ...new Array<number>(GROUPS - left.length - right.length).fill(0), ...right];
}

function range(kind: AddressKind, name: string, subnets: readonly string[]): Range {
  return { kind, name, block: blockOf(subnets) };
}

function blockOf(subnets: readonly string[]): BlockList {
  const block = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    block.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return block;
}
