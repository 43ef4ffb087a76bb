import { describe, expect, test } from 'vitest';
import { describeConfig } from '../../src/backends/config/describe-config.ts';
import { parseServiceConfig } from '../../src/backends/config/parse-config.ts';

describe('a config described for people has no secret in it', () => {
  test.each<[object, string]>([
    [{ command: 'npx', args: ['--api-key=hunter2'] }, 'npx (1 argument, 0 environment variables)'],
    [
      { command: 'node server.js --key=hunter2', env: { A: '1' } },
      'node (0 arguments, 1 environment variable)',
    ],
    [
      { url: 'https://example.com/s/hunter2/mcp?key=hunter2', headers: { 'X-A': '1' } },
      'https://example.com (transport to be detected, 1 header)',
    ],
    [{ url: 'http://localhost:3000', type: 'sse' }, 'http://localhost:3000 (sse, 0 headers)'],
  ])('given %j', (input, description) => {
    expect(describeConfig(parseServiceConfig(input))).toBe(description);
  });

  test('given a very long command, then it is cut', () => {
    const config = parseServiceConfig({ command: 'x'.repeat(4_000) });
    expect(describeConfig(config).length).toBeLessThan(200);
  });
});
