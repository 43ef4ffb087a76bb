import { describe, expect, it } from 'vitest';
import { toDurable } from '../../../src/actors/replay.ts';
import { ServiceStore } from '../../../src/actors/service-store.ts';
import { UnreadableRecordError } from '../../../src/store/errors.ts';
import { type EventLog, type JsonObject, type LogRecord, NO_TOKEN } from '../../../src/store/event-log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { diverged, policy, registered, start, stop, take } from '../../support/machine-fixtures.ts';

const ID = 'tools';

/** The log with one record that cannot be read: whoever reads back as far as that fails. */
function damagedAt(log: EventLog, seq: number): EventLog {
  const check = (records: LogRecord[]) => {
    if (records.some(record => record.seq === seq))
      throw new UnreadableRecordError(`record ${seq} is damaged`, seq);
    return records;
  };
  return {
    append: (id, expected, drafts) => log.append(id, expected, drafts),
    appendAll: appends => log.appendAll(appends),
    head: id => log.head(id),
    read: (id, from) => check(log.read(id, from)),
    recent: (id, limit) => check(log.recent(id, limit)),
    tail: (after, limit) => check(log.tail(after, limit)),
    document: (id, name) => log.document(id, name),
    ids: () => log.ids(),
    count: () => log.count(),
    owed: after => log.owed(after),
    owedTo: id => log.owedTo(id),
    lastSeq: () => log.lastSeq(),
    get appendedSeq() {
      return log.appendedSeq;
    },
    prune: (retention, budget) => log.prune(retention, budget),
    close: () => log.close(),
  };
}

type Happening = Parameters<typeof take>[1];

/** A service whose records are its registration and what follows the events. */
function lived(...events: readonly Happening[]): MemoryLog {
  const log = new MemoryLog();
  let state = registered('Persistent');
  const registration = { type: 'registered', serviceType: 'Persistent', config: 'config-1', policy, at: 0 };
  let token = log.append(ID, NO_TOKEN, [
    { at: 0, event: registration as unknown as LogRecord['event'], to: toDurable(state), owed: null },
  ]);
  for (const event of events) {
    state = take(state, event);
    const told = { at: 0, ...event } as unknown as JsonObject & { type: string };
    token = log.append(ID, token, [{ at: 0, event: told, to: toDurable(state), owed: null }]);
  }
  return log;
}

const divergenceOf = (log: EventLog) => new ServiceStore(log).load(ID)?.divergence;

describe('a service with a damaged record (invariant 6)', () => {
  it('given it is sound, then there is nothing to say', () => {
    expect(divergenceOf(lived(start, stop, start))).toBeNull();
  });

  it('given one before its head, then the service is loaded, and told why it ends', () => {
    const log = damagedAt(lived(start, stop, start), 2);
    expect(new ServiceStore(log).load(ID)).toMatchObject({ divergence: 'record 2 is damaged' });
  });

  it('given it was ended for that already, then it is not ended again', () => {
    expect(divergenceOf(damagedAt(lived(start, stop, diverged), 2))).toBeNull();
    expect(divergenceOf(damagedAt(lived(start, stop, diverged, start, stop), 2))).toBeNull();
  });

  it('given records behind that end that diverge, then that is noticed all the same', () => {
    const log = lived(start, diverged, start);
    const token = log.head(ID)?.token ?? NO_TOKEN;
    const elsewhere = toDurable(registered('OneShot'));
    log.append(ID, token, [{ at: 0, event: { type: 'stop requested', at: 0 }, to: elsewhere, owed: null }]);
    expect(divergenceOf(damagedAt(log, 2))).toContain('Record 5 (stop requested) led to another state');
  });

  it('given its history was pruned, then it is folded from the oldest record that is left', () => {
    const log = lived(start, stop, start, stop);
    log.prune({ maxRecords: 3, before: 0 }, 100);
    expect(divergenceOf(log)).toBeNull();
    expect(log.read(ID)).toHaveLength(3);
    const token = log.head(ID)?.token ?? NO_TOKEN;
    log.append('other', NO_TOKEN, [
      { at: 0, event: { type: 'registered' }, to: toDurable(registered('OneShot')), owed: null },
    ]);
    log.prune({ maxRecords: 1, before: 0 }, 100);
    expect(new ServiceStore(log).load(ID)).toMatchObject({ divergence: null, token });
  });
});
