import { describe, expect, it } from 'vitest';
import { order, Stage, turn } from '../../support/actors-fixtures.ts';

describe('the bus of what is on record', () => {
  it('given lives of services from registration to removal, then it tells every record, once, in the order of the log', async () => {
    const stage = new Stage();
    const told: unknown[] = [];
    const tell = ({ id, seq, event }: { id: string; seq: number; event: { type: string } }) =>
      told.push([seq, id, event.type]);
    stage.registry.live.events.on('registered', tell);
    stage.registry.live.events.on('transition', tell);
    const lane = await stage.ready('a', 'Persistent');
    stage.registry.ensure('b', order('OneShot'));
    lane.lose('it crashed');
    await turn();
    await stage.registry.remove('a');
    await stage.registry.remove('b');
    const records = stage.log.tail(0, 1000).map(({ seq, id, event }) => [seq, id, event.type]);
    expect(records.length).toBeGreaterThan(10);
    expect(told).toEqual(records);
  });
});
