/** What of a removed service is still ending: its removal, its id's next owner and the gateway's end wait for it. */
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
  const happened: string[] = [];
  const removal = stage.registry.remove(ID).then(() => happened.push('removed'));
  await turn();
  return { stage, start, removal, happened };
}

it('a removal is answered when nothing of the backend is left (invariant 9)', async () => {
  const { start, removal, happened } = await removedWhileItStarts();
  expect([start.aborted, happened]).toEqual([true, []]);
  start.fail();
  await removal;
});

it('the gateway does not end before that, also when another service has the id (invariant 9)', async () => {
  const { stage, start, happened } = await removedWhileItStarts();
  void stage.registry.ensure(ID, order('OneShot'));
  await turn();
  const stopped = stage.registry.live.stop().then(() => happened.push('stopped'));
  await turn();
  expect(happened).toEqual([]);
  start.fail();
  await stopped;
});
