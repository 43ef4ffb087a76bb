import { describe, expect, it } from 'vitest';
import { launchRig } from '../support/launch.ts';
import { TestSession } from '../support/multiplexer.ts';

const client = {
  era: 'legacy',
  protocolVersion: '2025-03-26',
  capabilities: { roots: { listChanged: true } },
  clientInfo: { name: 'editor', version: '7' },
} as const;

describe('how a lane introduces itself', () => {
  const told = async (introduction?: object) => {
    const rig = launchRig({ capabilities: { sampling: {} } });
    await rig.launch(introduction && { introduction: { ...client, ...introduction }, lane: 2 });
    return rig.transport.sent[0]?.params;
  };

  it('as Evergate, when it is nobody’s', async () => {
    expect(await told()).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: { sampling: {} },
      clientInfo: { name: 'evergate', version: '1.2.3' },
    });
  });

  it('as its client, with what that offers', async () => {
    const { era: _, ...said } = client;
    expect(await told({})).toEqual(said);
  });

  it.each([
    ['no client information', { clientInfo: null }, { clientInfo: { name: 'evergate', version: '1.2.3' } }],
    ['no version', { protocolVersion: null }, { protocolVersion: '2025-11-25' }],
    ['a version that is unknown', { protocolVersion: '1999-01-01' }, { protocolVersion: '2025-11-25' }],
  ])('as its client, whose introduction has %s', async (_name, introduction, expected) => {
    expect(await told(introduction)).toMatchObject(expected);
  });
});

describe('requests of the backend of a lane beside the first', () => {
  it('have other ids than those of the first: a late answer to one is none to the other (invariant 8)', async () => {
    const asked = async (lane?: number) => {
      const rig = launchRig();
      const session = new TestSession(await rig.launch(lane === undefined ? {} : { lane }), 's', {
        roots: {},
      });
      rig.hear({ id: 1, method: 'roots/list' });
      return session.delivered[0]?.id;
    };
    expect([await asked(), await asked(1), await asked(2)]).toEqual([
      'evergate-3-1',
      'evergate-3.1-1',
      'evergate-3.2-1',
    ]);
  });
});
