/** What becomes of a service whose declaration in a server file changes. */
import { expect, it } from 'vitest';
import { order, Stage, settings, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';
const changed = (stage: Stage, type: 'OneShot' | 'Persistent') =>
  stage.registry.declare(ID, order(type, 'another'), true, true);

it('given a OneShot whose backend has exited, then the change does not start it (invariant 4)', async () => {
  const stage = new Stage();
  const lane = await stage.ready(ID, 'OneShot');
  lane.lose();
  await turn();
  await changed(stage, 'OneShot');
  await stage.pass(settings.policy.cooldownMaxMs);
  expect([stage.state(ID), stage.starts.length]).toEqual([expect.stringMatching(/^Ended/), 1]);
});

it.each(['OneShot', 'Persistent'] as const)('given a %s that runs, then it starts again', async type => {
  const stage = new Stage();
  await stage.ready(ID, type);
  await changed(stage, type);
  const { config } = (await stage.start(1)).request;
  expect(config).toMatchObject({ command: 'another' });
});

it('given a Persistent whose start failed, then it is tried with the new config at once', async () => {
  const stage = new Stage();
  stage.registry.ensure(ID, order('Persistent'));
  (await stage.start()).fail();
  await turn();
  expect(stage.state(ID)).toBe('CoolingDown');
  await changed(stage, 'Persistent');
  expect((await stage.start(1)).request.config).toMatchObject({ command: 'another' });
});
