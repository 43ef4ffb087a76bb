import { describe, expect, it } from 'vitest';
import { StartFailure } from '../../src/backends/backend.ts';
import { ownMeta } from '../../src/backends/rpc/meta.ts';
import { type LaunchRig, launchRig } from '../support/launch.ts';
import { discovered, VERSION } from '../support/modern.ts';

const modern = { introduction: { era: 'modern' } } as const;
const refusing = (code: number) => () => ({ error: { code, message: 'no' } });

const handshake = {
  era: 'modern',
  protocolVersion: VERSION,
  supportedVersions: [VERSION],
  capabilities: { tools: {} },
  serverInfo: { name: 's', version: '1' },
  instructions: 'Be kind.',
};

async function failureOf(rig: LaunchRig, launching: ReturnType<LaunchRig['launch']>): Promise<StartFailure> {
  const error: unknown = await launching.catch((reason: unknown) => reason);
  if (!(error instanceof StartFailure)) throw new Error(`no StartFailure: ${String(error)}`);
  expect(rig.transport.closed).toBe(true);
  return error;
}

describe('a lane of the modern era', () => {
  it('begins with server/discover, sent with metadata, and nothing else', async () => {
    const rig = launchRig();
    rig.answers['server/discover'] = () => ({ result: discovered });
    const lane = await rig.launch(modern);
    expect(rig.transport.sent).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: ownMeta(VERSION, '1.2.3') } },
    ]);
    expect(lane.handshake).toEqual(handshake);
  });

  it('is probed by server/discover with metadata', async () => {
    const rig = launchRig();
    rig.answers['server/discover'] = () => ({ result: discovered });
    const lane = await rig.launch(modern);
    await lane.probe(1_000);
    expect(rig.transport.last).toMatchObject({ method: 'server/discover', params: { _meta: {} } });
  });

  it('asks to be told of changed tools where the backend offers that', async () => {
    const rig = launchRig();
    rig.answers['server/discover'] = () => ({
      result: { ...discovered, capabilities: { tools: { listChanged: true } } },
    });
    await rig.launch(modern);
    expect(rig.transport.last).toMatchObject({ method: 'subscriptions/listen' });
  });

  it.each([
    ['an unknown method', refusing(-32601)],
    ['a version it does not speak', refusing(-32022)],
    ['anything else', refusing(-32000)],
    [
      'versions of which none is spoken here',
      () => ({ result: { ...discovered, supportedVersions: ['2025-11-25'] } }),
    ],
    ['no versions', () => ({ result: {} })],
  ])('is not spoken when the backend answers with %s', async (_name, answer) => {
    const rig = launchRig();
    rig.answers['server/discover'] = answer;
    expect((await failureOf(rig, rig.launch(modern))).unspoken).toBe('modern');
  });

  it('is not spoken by a backend that says nothing, or exits', async () => {
    const silent = launchRig();
    silent.answers['server/discover'] = () => null;
    const launching = silent.launch({ ...modern, startTimeoutMs: 60_000 });
    await silent.connected;
    await new Promise(resolve => setImmediate(resolve));
    silent.clock.increment(15_000);
    expect((await failureOf(silent, launching)).unspoken).toBe('modern');

    const leaving = launchRig();
    leaving.answers['server/discover'] = () => {
      leaving.transport.exit('exited with code 1');
      return null;
    };
    expect((await failureOf(leaving, leaving.launch(modern))).unspoken).toBe('modern');
  });
});

describe('a lane without an introduction', () => {
  it.each([-32601, -32602, -32600, -32022])(
    'is of the modern era when initialize is refused with %i and server/discover is answered',
    async code => {
      const rig = launchRig();
      rig.answers.initialize = refusing(code);
      rig.answers['server/discover'] = () => ({ result: discovered });
      const lane = await rig.launch();
      expect(lane.handshake).toEqual(handshake);
      expect(rig.transport.sent.map(({ method }) => method)).toEqual(['initialize', 'server/discover']);
      expect(rig.transport.sent[0]?.id).not.toBe(rig.transport.sent[1]?.id);
    },
  );

  it('is so when the backend answers initialize with a modern version', async () => {
    const rig = launchRig();
    rig.answers.initialize = () => ({
      result: { protocolVersion: VERSION, capabilities: {}, serverInfo: {} },
    });
    rig.answers['server/discover'] = () => ({ result: discovered });
    expect((await rig.launch()).handshake.era).toBe('modern');
  });

  it('fails as initialize failed when server/discover is refused, too', async () => {
    const rig = launchRig();
    rig.answers.initialize = refusing(-32601);
    const failure = await failureOf(rig, rig.launch());
    expect(failure.message).toContain('refused initialize: no (-32601)');
  });

  it('does not ask again when initialize failed for another reason', async () => {
    const rig = launchRig();
    rig.answers.initialize = refusing(-32603);
    await failureOf(rig, rig.launch());
    expect(rig.transport.sent.map(({ method }) => method)).toEqual(['initialize']);
  });

  it.each([
    [undefined, 'modern'],
    [1, 'legacy'],
  ])('with an introduction, as lane %s, is not modern unless it is the first', async (lane, outcome) => {
    const rig = launchRig();
    rig.answers.initialize = refusing(-32601);
    const introduction = {
      era: 'legacy',
      protocolVersion: null,
      capabilities: {},
      clientInfo: null,
    } as const;
    rig.answers['server/discover'] = () => ({ result: discovered });
    const launched = rig.launch({ introduction, ...(lane !== undefined && { lane }) });
    const came = await launched.then(
      ({ handshake: { era } }) => era,
      ({ unspoken }: StartFailure) => unspoken,
    );
    expect(came).toBe(outcome);
  });
});
