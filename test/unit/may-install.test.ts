import { expect, it } from 'vitest';
import { mayInstall } from '../../src/backends/config/may-install.ts';
import { parseServiceConfig } from '../../src/backends/config/parse-config.ts';

it.each([
  ['npx', true],
  ['/usr/local/bin/uvx', true],
  ['docker', true],
  ['sh', true],
  ['npx.cmd', true],
  ['node', false],
  ['/srv/server', false],
  ['python3', false],
])('a start of %s may have to download first: %s', (command, may) => {
  expect(mayInstall(parseServiceConfig({ command, args: [] }))).toBe(may);
});

it('one of a remote service never has', () => {
  expect(mayInstall(parseServiceConfig({ url: 'https://example.com/mcp' }))).toBe(false);
});
