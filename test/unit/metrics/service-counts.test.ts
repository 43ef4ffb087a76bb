import { EventEmitter } from 'eventemitter3';
import { describe, expect, it } from 'vitest';
import type { LiveServices } from '../../../src/actors/live.ts';
import { ServiceCounts } from '../../../src/metrics/service-counts.ts';
import { StorageError, UnreadableRecordError } from '../../../src/store/errors.ts';
import { order, Stage } from '../../support/actors-fixtures.ts';

const deaf = new EventEmitter() as unknown as LiveServices['events'];

describe('counts of services by state', () => {
  it('given a service whose head cannot be read, then it is counted apart and hides no other', async () => {
    const { log, registry } = new Stage();
    for (const id of ['a', 'b', 'c']) registry.ensure(id, order('OneShot'));
    const head: typeof log.head = id => {
      if (id === 'b') throw new UnreadableRecordError('the head of service "b" is damaged', null);
      return log.head(id);
    };
    const counts = new ServiceCounts({ head, ids: log.ids, count: log.count }, registry.live.events);
    expect(await counts.read()).toEqual([
      { state: 'Pending.Starting', type: 'OneShot', count: 2 },
      { state: 'Unreadable', type: 'unknown', count: 1 },
    ]);
  });

  it('given a log that cannot be read, then who asks is told, and who asks again is answered', async () => {
    const { log, registry } = new Stage();
    registry.ensure('a', order('OneShot'));
    let broken = true;
    const ids: typeof log.ids = (after, limit) => {
      if (broken) throw new StorageError('the disk is gone');
      return log.ids(after, limit);
    };
    const counts = new ServiceCounts({ ids, head: log.head, count: log.count }, registry.live.events);
    await expect(counts.read()).rejects.toThrow('the disk is gone');
    broken = false;
    expect(await counts.read()).toEqual([{ state: 'Pending.Starting', type: 'OneShot', count: 1 }]);
  });

  it('given services the bus did not tell of, then their number shows that it is wrong, and heads are read again', async () => {
    const { log, registry } = new Stage();
    const counts = new ServiceCounts(log, deaf);
    expect(await counts.read()).toEqual([]);
    registry.ensure('a', order('Persistent'));
    expect(await counts.read()).toEqual([{ state: 'Pending.Starting', type: 'Persistent', count: 1 }]);
  });
});
