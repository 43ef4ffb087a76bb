import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../src/config.ts';

const load = (file: string) =>
  loadSettings({ argv: ['--config', 'evergate.yaml'], env: {}, readFile: () => file }).settings.mcpServers;

describe('services declared in the settings file', () => {
  test('given servers, then each is declared, Persistent unless mcpType says otherwise', () => {
    const services = load(`
mcpServers:
  files: {command: npx, args: [-y, files]}
  search: {url: 'https://mcp.example.com/', type: sse, mcpType: oneShot}
  notes: {command: notes, mcp_type: PERSISTENT}
  later: {command: later, disabled: true}
`);
    expect(services.map(({ id, type, config }) => [id, type, config.kind, config.name])).toEqual([
      ['files', 'Persistent', 'stdio', 'files'],
      ['search', 'OneShot', 'remote', 'search'],
      ['notes', 'Persistent', 'stdio', 'notes'],
    ]);
    expect(services[1]?.config).toMatchObject({ transport: 'sse' });
  });

  test.each([
    ['mcpServers: [a]', /^evergate.yaml: mcpServers must be an object/],
    ['mcpServers: {a: npx}', /^evergate.yaml: mcpServers.a must be an object/],
    ['mcpServers: {a: {args: [x]}}', /^evergate.yaml: mcpServers.a has neither/],
    [
      'mcpServers: {a: {command: npx, args: [x, 1]}}',
      /^evergate.yaml: mcpServers.a.args\[1\] must be a string/,
    ],
    [
      'mcpServers: {a: {command: npx, mcpType: Forever}}',
      /^evergate.yaml: mcpServers.a.mcpType must be "Persistent"/,
    ],
    ['mcpServers: {a/b: {command: npx}}', /^evergate.yaml: mcpServers.a\/b is not a service id/],
    ['mcpServers: {"..": {command: npx}}', /is not a service id/],
    [`mcpServers: {${'a'.repeat(129)}: {command: npx}}`, /is not a service id/],
  ])('given %s, then the message names it', (file, message) => {
    expect(() => load(file)).toThrow(message);
  });
});
