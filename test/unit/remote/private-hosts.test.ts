import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../src/config.ts';

const load = (...argv: string[]) => loadSettings({ argv, env: {} }).settings.allowedPrivateHosts;

describe('the setting allowedPrivateHosts', () => {
  it('is a list of names, addresses and ranges, empty by default', () => {
    expect(load()).toEqual([]);
    const given = ['10.0.0.0/8', 'db.internal', 'fd00::/8', '*'];
    expect(load('--allowed-private-hosts', given.join(','))).toEqual(given);
  });

  it('stops the gateway with a message that names it when an entry cannot be read', () => {
    expect(() => load('--allowed-private-hosts', 'ok.example,10.0.0.0/99')).toThrow(
      /--allowed-private-hosts .*entry 2 must be a host name, an IP address, a range/,
    );
  });
});
