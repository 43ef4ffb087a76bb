import { describe, expect, it } from 'vitest';
import type { Ran } from '../../../src/backends/backend.ts';
import { UnreadableRecordError } from '../../../src/store/errors.ts';
import type { JsonObject } from '../../../src/store/event-log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { order, Stage, settings, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';
const BY_NPX: Ran = { by: 'npx', because: 'npx has not installed it yet' };
const DIRECTLY: Ran = { by: 'node', package: 'server@1.0.0', script: '/x' };
const LONG_MS = 60_000;

/** The start that is under way succeeds, having run that; after a while its backend is lost and the next start begins. */
async function lives(stage: Stage, ran: Ran | null): Promise<void> {
  const lane = (await stage.start()).succeed({}, ran);
  await turn();
  await stage.pass(LONG_MS);
  lane.lose();
  await turn();
}

const directly = async (stage: Stage) => (await stage.start()).request.directly;

function given(log = new MemoryLog()): Stage {
  const stage = new Stage({}, 50, log);
  stage.registry.ensure(ID, order('Persistent'));
  return stage;
}

describe('what a start is told of earlier ones', () => {
  it('when npx itself was last run, from when it began on, also after a restart of the gateway', async () => {
    const stage = new Stage();
    await stage.pass(1000);
    stage.registry.ensure(ID, order('Persistent'));
    expect(await directly(stage)).toEqual({ lookedUpAt: null, doubt: null });
    await stage.start();
    await stage.pass(500);
    await lives(stage, BY_NPX);
    expect(await directly(stage)).toEqual({ lookedUpAt: 1000, doubt: null });
    await lives(stage, DIRECTLY);
    expect(await directly(stage)).toMatchObject({ lookedUpAt: 1000 });
    const next = stage.nextLife();
    await next.boot();
    expect(await directly(next)).toMatchObject({ lookedUpAt: 1000 });
    const beganAt = next.clock.now();
    await next.pass(500);
    await lives(next, BY_NPX);
    expect(await directly(next)).toMatchObject({ lookedUpAt: beganAt });
  });

  it('nothing of another config', async () => {
    const stage = given();
    await lives(stage, BY_NPX);
    stage.registry.ensure(ID, order('Persistent', 'another'));
    await lives(stage, null);
    expect((await stage.start()).request.config).toMatchObject({ command: 'another' });
    expect(await directly(stage)).toMatchObject({ lookedUpAt: null });
  });

  it('nothing when what was kept is damaged', async () => {
    class Damaged extends MemoryLog {
      override document(id: string, name: string): JsonObject | undefined {
        if (name === 'launches') throw new UnreadableRecordError('damaged');
        return super.document(id, name);
      }
    }
    const stage = given(new Damaged());
    await lives(stage, BY_NPX);
    expect(await directly(stage)).toEqual({ lookedUpAt: null, doubt: null });
  });

  it('that the last one failed', async () => {
    const stage = given();
    (await stage.start()).fail();
    await turn();
    await stage.pass(settings.policy.cooldownMs);
    expect(await directly(stage)).toMatchObject({ doubt: expect.stringContaining('failed') });
  });
});

describe('the record of a spawn', () => {
  it.each([[DIRECTLY], [BY_NPX]])('says what was run: %j', async ran => {
    const stage = given();
    const { request } = await stage.start();
    void request.onSpawned({ pid: 5, pgid: 5, startTicks: 1 }, ran);
    await turn();
    expect(stage.log.read(ID).at(-1)?.event).toMatchObject({ type: 'spawned', ran });
  });

  it('says nothing of that where the config’s own command was run', async () => {
    const stage = given();
    await (await stage.start()).spawn();
    expect(stage.log.read(ID).at(-1)?.event).not.toHaveProperty('ran');
  });
});
