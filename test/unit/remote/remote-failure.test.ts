import { describe, expect, it } from 'vitest';
import { AddressRefused } from '../../../src/backends/remote/address-guard.ts';
import { ConnectTimeout, explainFailure } from '../../../src/backends/remote/remote-failure.ts';
import { statusFailure } from '../../../src/backends/remote/status-failure.ts';

const error = (code: string) => Object.assign(new Error(`${code} /path?key=sesame`), { code });
const ORIGIN = 'https://remote.example';

describe('a failed exchange', () => {
  it.each([
    [error('ECONNREFUSED'), false, 'unreachable', /ECONNREFUSED.*check the url/],
    [error('ENOTFOUND'), false, 'unreachable', /ENOTFOUND/],
    [new ConnectTimeout(), false, 'unreachable', /raise connectTimeoutSecs/],
    [error('CERT_HAS_EXPIRED'), false, 'not allowed', /CERT_HAS_EXPIRED.*NODE_EXTRA_CA_CERTS/],
    [error('DEPTH_ZERO_SELF_SIGNED_CERT'), false, 'not allowed', /cannot be trusted/],
    [new AddressRefused('a private address'), false, 'not allowed', /a private address.*allowedPrivateHosts/],
    [error('ECONNRESET'), true, 'broken', /broke the connection/],
    [error('ABORT_ERR'), true, 'broken', /given up/],
    [error('ABORT_ERR'), false, 'broken', /given up/],
  ])(
    '%s (connected: %s) is %s, with origin and remedy and without a secret',
    (cause, connected, fault, text) => {
      const failure = explainFailure(cause, ORIGIN, connected);
      expect(failure).toMatchObject({ fault, delivered: connected });
      expect(failure.message).toMatch(text);
      expect(failure.message).toContain(ORIGIN);
      expect(failure.message).not.toMatch(/sesame|path/);
    },
  );

  it.each([
    [400, false],
    [404, false],
    [429, false],
    [304, true],
    [500, true],
    [503, true],
  ])('HTTP %i: may have been acted on: %s', (status, delivered) => {
    expect(statusFailure(ORIGIN, 'POST', status)).toMatchObject({ delivered, status });
  });
});
