/** What of a removed service is still ending: its id's next owner and the gateway's end wait for it. */
import { expect, it } from 'vitest';
import { order, Stage, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';

/** A service that is stopped and removed while its backend starts: nothing of that is on record, and it takes its time to end. */
async function removedWhileItStarts() {
  const stage = new Stage();
  void stage.registry.ensure(ID, order('Persistent'));
  const start = await stage.start();
  start.lingers = true;
  await stage.registry.request(ID, 'stop requested');
  await stage.registry.remove(ID);
  await turn();
  return { stage, start };
}

it('another service under its id is let go from memory when that has ended', async () => {
  const { stage, start } = await removedWhileItStarts();
  await stage.registry.declare(ID, order('OneShot'), false);
  await turn();
  start.fail();
  await turn();
  await turn();
  expect(stage.registry.live.size).toBe(0);
});

it('the gateway does not end before that, also when another service has the id (invariant 9)', async () => {
  const { stage, start } = await removedWhileItStarts();
  void stage.registry.ensure(ID, order('OneShot'));
  await turn();
  let isOver = false;
  const stopped = stage.registry.live.stop().then(() => {
    isOver = true;
  });
  await turn();
  expect(isOver).toBe(false);
  start.fail();
  await stopped;
});
