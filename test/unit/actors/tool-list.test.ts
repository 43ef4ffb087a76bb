import { describe, expect, it } from 'vitest';
import { toDurable } from '../../../src/actors/replay.ts';
import { ServiceStore } from '../../../src/actors/service-store.ts';
import { StorageError, UnreadableRecordError } from '../../../src/store/errors.ts';
import { type EventLog, type JsonObject, NO_TOKEN } from '../../../src/store/event-log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { registered } from '../../support/machine-fixtures.ts';

const ID = 'tools';
const LIST = {
  v: 1,
  hash: 'aGFzaA',
  count: 2,
  at: 7,
  tools: [
    { name: 'echo', title: 'Echo', description: null },
    { name: 'add', title: null, description: 'Adds' },
  ],
};

function holding(document: JsonObject | null): EventLog {
  const log = new MemoryLog();
  const draft = { at: 0, event: { type: 'registered' }, to: toDurable(registered('OneShot')), owed: null };
  log.append(ID, NO_TOKEN, [{ ...draft, documents: { tools: document } }]);
  return log;
}

const failing = (error: Error) =>
  new ServiceStore(
    Object.assign(Object.create(holding(null)) as EventLog, {
      document: () => {
        throw error;
      },
    }),
  );

describe('the stored list of tools', () => {
  it('is read back as it was written', () => {
    const { v: _, ...list } = LIST;
    expect(new ServiceStore(holding(LIST)).tools(ID)).toEqual(list);
  });

  it.each<[string, JsonObject | null]>([
    ['there is none', null],
    ['it is of another version', { ...LIST, v: 2 }],
    ['its tools are none', { ...LIST, tools: [{ title: 'x' }] }],
    ['it lacks its hash', { ...LIST, hash: null }],
  ])('given %s, then there is no list', (_, document) => {
    expect(new ServiceStore(holding(document)).tools(ID)).toBeNull();
  });

  it('given it is damaged, then there is no list; given the log cannot be read, then that is refused', () => {
    expect(failing(new UnreadableRecordError('damaged')).tools(ID)).toBeNull();
    expect(() => failing(new StorageError('closed')).tools(ID)).toThrow(
      expect.objectContaining({ code: '0009' }),
    );
  });
});
