import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import {
  AddressRefused,
  createAddressGuard,
  type GuardOptions,
} from '../../../src/backends/remote/address-guard.ts';
import { classOf } from '../../../src/backends/remote/address-ranges.ts';
import { parseHostList } from '../../../src/backends/remote/host-list.ts';

describe('what an address is', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.1', 'public'],
    ['100.63.255.255', 'public'],
    ['2606:4700:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::FFFF:7F00:1', 'loopback'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['169.254.169.254', 'metadata'],
    ['::ffff:a9fe:a9fe', 'metadata'],
    ['64:ff9b::169.254.169.254', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['fd00:0ec2:0:0:0:0:0:254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['0.0.0.0', 'private'],
    ['::', 'private'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['169.254.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.127.255.255', 'private'],
    ['192.0.2.1', 'private'],
    ['198.18.0.1', 'private'],
    ['224.0.0.1', 'private'],
    ['255.255.255.255', 'private'],
    ['fc00::1', 'private'],
    ['fd12:3456::1', 'private'],
    ['fe80::1', 'private'],
    ['fe80::1%eth0', 'private'],
    ['ff02::1', 'private'],
    ['::7f00:1', 'private'],
    ['::ffff:0:127.0.0.1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b:1::10.0.0.1', 'private'],
    ['2002:7f00:1::', 'private'],
    ['2002:808:808::', 'private'],
    ['2001:0:4136:e378::1', 'private'],
    ['2001:db8::1', 'private'],
    ['5f00::1', 'private'],
    ['localhost', 'private'],
    ['', 'private'],
  ])('%s is %s', (address, kind) => {
    expect(classOf(address).kind).toBe(kind);
  });
});

/** What a socket that connects to `hostname` is told. */
function lookUp(options: Partial<GuardOptions>, hostname: string, all = true) {
  const { lookup } = createAddressGuard({ allowLoopback: false, ...options });
  return new Promise<unknown>((resolve, reject) => {
    lookup(hostname, { all }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
}

const resolving = (...addresses: string[]) => ({
  resolve: async (): Promise<LookupAddress[]> =>
    addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
});

describe('the guard', () => {
  it('gives a socket the public addresses of a name and no others', async () => {
    const found = await lookUp(resolving('10.0.0.1', '8.8.8.8', '::1', '2606:4700::1'), 'mixed.example');
    expect(found).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ]);
    expect(await lookUp(resolving('8.8.4.4'), 'one.example', false)).toBe('8.8.4.4');
  });

  it.each([
    ['10.0.0.1', 'a private address'],
    ['127.0.0.1', 'a loopback address'],
    ['169.254.169.254', 'a cloud metadata address'],
    ['fe80::1', 'a link-local address'],
    ['100.64.3.2', 'an address of carrier-grade NAT'],
  ])('refuses a name at %s', async (address, name) => {
    await expect(lookUp(resolving(address), 'evil.example')).rejects.toThrow(new AddressRefused(name));
  });

  it('judges every connection anew: a name that is rebound gains nothing', async () => {
    const answers = ['8.8.8.8', '127.0.0.1'];
    const resolve = async () => [{ address: answers.shift() ?? '', family: 4 }];
    const { lookup } = createAddressGuard({ allowLoopback: false, resolve });
    const connect = () =>
      new Promise<unknown>((done, fail) => {
        lookup('rebound.example', { all: true }, (error, found) => (error ? fail(error) : done(found)));
      });
    expect(await connect()).toEqual([{ address: '8.8.8.8', family: 4 }]);
    await expect(connect()).rejects.toThrow(AddressRefused);
  });

  it('hands on that a name cannot be resolved', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    await expect(lookUp({ resolve }, 'nowhere.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(lookUp(resolving(), 'empty.example')).rejects.toThrow(AddressRefused);
  });

  it('allows loopback, and nothing else, while the gateway is on loopback', async () => {
    const options = { allowLoopback: true };
    expect(await lookUp({ ...options, ...resolving('127.0.0.1') }, 'localhost')).toHaveLength(1);
    await expect(lookUp({ ...options, ...resolving('10.0.0.1') }, 'x')).rejects.toThrow(AddressRefused);
    await expect(lookUp({ ...options, ...resolving('0.0.0.0') }, 'x')).rejects.toThrow(AddressRefused);
  });

  it.each([
    ['db.internal', 'DB.internal.', '10.0.0.1', true],
    ['db.internal', 'other.internal', '10.0.0.1', false],
    ['10.0.0.0/8', 'x', '10.9.9.9', true],
    ['10.0.0.0/8', 'x', '11.0.0.1', true], // public anyway
    ['10.0.0.0/8', 'x', '192.168.0.1', false],
    ['10.0.0.0/8', 'x', '::ffff:10.9.9.9', true],
    ['fd00::/8', 'x', 'fd12::1', true],
    ['[fd12::1]', 'x', 'fd12:0::1', true],
    ['*', 'x', '192.168.0.1', true],
    ['*', 'x', '127.0.0.1', true],
    ['*', 'x', '169.254.169.254', false],
    ['169.254.0.0/16', 'x', '169.254.169.254', false],
    ['169.254.169.254', 'x', '169.254.169.254', true],
    ['metadata.example', 'metadata.example', '169.254.169.254', true],
  ])('with allowedPrivateHosts %s, %s at %s: %s', async (entry, hostname, address, allowed) => {
    const looking = lookUp({ allowedPrivateHosts: [entry], ...resolving(address) }, hostname);
    if (allowed) expect(await looking).toEqual([expect.objectContaining({ address })]);
    else await expect(looking).rejects.toThrow(AddressRefused);
  });

  it.each([
    ['http://10.0.0.1/', false],
    ['http://0x7f.1/', false],
    ['http://2130706433/', false],
    ['http://[::1]/', false],
    ['http://[::ffff:127.0.0.1]/', false],
    ['http://[fe80::1]/', false],
    ['http://8.8.8.8/', true],
    ['http://name.example/', true], // judged when it is looked up
  ])('judges the literal address in %s', (url, allowed) => {
    const { checkHost } = createAddressGuard({ allowLoopback: false });
    const check = () => checkHost(new URL(url).hostname);
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(AddressRefused);
  });
});

describe('allowedPrivateHosts', () => {
  it.each(['', '10.0.0.0/33', 'fd00::/129', '10.0.0/8', '1.2.3', 'http://x', 'a b', 'x/8', '-x'])(
    'refuses "%s"',
    entry => {
      expect(() => parseHostList(['ok.example', entry])).toThrow(/entry 2 must be a host name/);
    },
  );
});
