import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Lane } from '../../../src/backends/backend.ts';
import { launchRemote, remoteConfig } from '../../support/remote-lane.ts';
import { type RemoteProcess, startDual } from '../../support/remote-process.ts';

let remote: RemoteProcess;
beforeAll(async () => {
  remote = await startDual();
});
afterAll(() => remote.end());

/** Calls the tool whose argument is repeated in a header, as a front passes it on. */
function callWithHeader(lane: Lane): Promise<unknown> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: 'test_header_params', arguments: { region: 'eu' }, _meta };
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  const mirrored = { 'mcp-param-region': 'eu' };
  const session = lane.open({ id: 's', capabilities: {}, deliver: () => true });
  return new Promise(resolve => {
    session.request(
      { kind: 'request', id: 1, method: 'tools/call', text, mirrored },
      { message() {}, result: answer => resolve(JSON.parse(answer)), fail: resolve },
    );
  });
}

it.each(['streamable-http', 'detect'] as const)(
  'a remote of both eras is spoken to in either (%s)',
  async transport => {
    const config = remoteConfig(`${remote.origin}/mcp`, { transport });
    const legacy = await launchRemote(config);
    expect(legacy.handshake).toMatchObject({ era: 'legacy', protocolVersion: '2025-11-25' });
    const modern = await launchRemote(config, {}, undefined, { era: 'modern' });
    expect(modern.handshake).toMatchObject({ era: 'modern', protocolVersion: '2026-07-28' });
    expect(await callWithHeader(modern)).toMatchObject({ result: { content: [{ type: 'text' }] } });
    for (const lane of [legacy, modern]) {
      const { result } = await lane.ask('tools/list', {}, 5_000);
      expect(result).toMatchObject({ tools: expect.arrayContaining([expect.anything()]) });
      await expect(lane.probe(5_000)).resolves.toBe(undefined);
    }
  },
);
