import { expect, it } from 'vitest';
import { StdioBridge } from '../../../src/commands/remote/bridge.ts';
import type { RemoteLink } from '../../../src/commands/remote/remote-link.ts';

function stage() {
  const sent: string[] = [];
  const written: string[] = [];
  const link = { send: (text: string) => void sent.push(text) } as unknown as RemoteLink;
  return {
    sent,
    written,
    bridge: new StdioBridge({ link, filter: null, write: text => void written.push(text) }),
  };
}

const line = (message: object) => JSON.stringify({ jsonrpc: '2.0', ...message });
const cancelled = (requestId: unknown) =>
  line({ method: 'notifications/cancelled', params: { requestId, reason: 'no' } });

it('given more requests that were taken back than may be under way, then the next one passes, and the bridge is quiet after it', async () => {
  const { bridge, sent, written } = stage();
  for (let id = 0; id < 10_001; id++) {
    bridge.fromClient(line({ id, method: 'tools/call', params: { name: 'slow' } }));
    bridge.fromClient(cancelled(id));
  }
  bridge.fromClient(line({ id: 'last', method: 'ping' }));
  expect(sent).toHaveLength(2 * 10_001 + 1);
  expect(written).toEqual([]);
  const quiet = bridge.quiet();
  bridge.fromServer(line({ id: 'last', result: {} }));
  await quiet;
});

it('given the answer to a request that was taken back, then it is dropped; one to another id still counts', async () => {
  const { bridge, written } = stage();
  bridge.fromClient(line({ id: 1, method: 'ping' }));
  bridge.fromClient(line({ id: 2, method: 'ping' }));
  bridge.fromClient(cancelled(1));
  bridge.fromClient(cancelled(['2']));
  bridge.fromServer(line({ id: 1, result: {} }));
  bridge.fromServer(line({ id: 2, result: {} }));
  expect(written.map(text => JSON.parse(text).id)).toEqual([2]);
  await bridge.quiet();
});
