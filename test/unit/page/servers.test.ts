import { describe, expect, test } from 'vitest';
import { readPasted } from '../../../src/page/register/servers.ts';

describe('what was pasted into the form', () => {
  test('given one server under mcpServers, then it comes with its name', () => {
    const pasted = readPasted('{"mcpServers": {"files": {"command": "npx"}}}');
    expect(pasted).toEqual({
      kind: 'servers',
      servers: [{ name: 'files', config: { mcpServers: { files: { command: 'npx' } } } }],
    });
  });

  test('given several, then each is a config of its own', () => {
    const pasted = readPasted('{"mcpServers": {"a": {"command": "x"}, "b": {"url": "http://h"}}}');
    expect(pasted).toMatchObject({ servers: [{ name: 'a' }, { name: 'b' }] });
    expect(pasted).toMatchObject({ servers: [{}, { config: { mcpServers: { b: { url: 'http://h' } } } }] });
  });

  test('given a bare server, then it has no name', () => {
    expect(readPasted('{"command": "npx"}')).toEqual({
      kind: 'servers',
      servers: [{ name: null, config: { command: 'npx' } }],
    });
  });

  test('given broken JSON, then the problem names the field, and the line and column where browsers tell them', () => {
    expect(readPasted('{\n  "command": nope\n}')).toMatchObject({
      kind: 'broken',
      problem: expect.stringMatching(/^config is not valid JSON( at line 2, column 1[45])?\.$/),
    });
    expect(readPasted('[1]')).toMatchObject({ problem: 'config must be a JSON object.' });
    expect(readPasted('{"mcpServers": {}}')).toMatchObject({
      problem: 'config.mcpServers has no server in it.',
    });
  });

  test('given nothing, then nothing is wrong yet', () => {
    expect(readPasted(' \n')).toEqual({ kind: 'empty' });
  });
});
