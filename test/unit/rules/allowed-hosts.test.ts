/** The setting `allowedRemoteHosts`. */
import { expect, it } from 'vitest';
import { remoteHosts } from '../../../src/backends/rules/allowed-hosts.ts';

const list = remoteHosts([
  'api.example.com',
  '*.mcp.example',
  '192.0.2.1',
  '[2001:DB8::1]',
  'Upper.Example.',
]);

it.each([
  'api.example.com',
  'API.example.com.',
  'a.mcp.example',
  'a.b.mcp.example',
  '192.0.2.1',
  '[2001:db8:0::1]',
  'upper.example',
])('%s is listed', host => expect(list.allows(host)).toBe(true));

it.each([
  'example.com',
  'evil-api.example.com',
  'api.example.com.evil.example',
  'mcp.example',
  'evilmcp.example',
  '192.0.2.10',
  '[2001:db8::2]',
  '',
])('%j is not listed', host => expect(list.allows(host)).toBe(false));

it('an empty list lists all', () => expect(remoteHosts([]).allows('anything.example')).toBe(true));

it.each(['https://api.example.com', 'api.example.com:443', 'a/b', '*', '*.', 'a.*.b', ''])(
  '%j cannot be an entry',
  entry => expect(() => remoteHosts(['fine.example', entry])).toThrow('entry 2 must be a host name'),
);
