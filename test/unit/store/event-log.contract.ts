import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConflictError, StorageError } from '../../../src/store/errors.ts';
import { type EventLog, NO_TOKEN, RECORD_VERSION, type Token } from '../../../src/store/event-log.ts';
import { draft, removal, withDocuments } from './drafts.ts';

/** What every event log does, whatever it is made of. */
export function describeEventLog(name: string, open: () => EventLog, discard: () => void): void {
  describe(`${name} as an event log`, () => {
    let log: EventLog;

    beforeEach(() => {
      log = open();
    });

    afterEach(async () => {
      await log.close();
      discard();
    });

    it('is empty at first', () => {
      expect([log.lastSeq(), log.appendedSeq]).toEqual([0, 0]);
      expect(log.head('a')).toBeUndefined();
      expect(log.read('a')).toEqual([]);
      expect(log.recent('a', 5)).toEqual([]);
      expect(log.tail(0, 10)).toEqual([]);
      expect(log.ids()).toEqual([]);
      expect(log.count()).toBe(0);
      expect([...log.owed()]).toEqual([]);
      expect(log.document('a', 'config')).toBeUndefined();
    });

    it('gives records their place: seq in the global order, n and prev within the service', () => {
      const a1 = log.append('a', NO_TOKEN, [draft('registered')]);
      const b1 = log.append('b', NO_TOKEN, [draft('registered'), draft('start')]);
      const a2 = log.append('a', a1, [draft('start')]);

      expect(log.tail(0, 10).map(({ seq, id, n, prev, event }) => [seq, id, n, prev, event.type])).toEqual([
        [1, 'a', 1, 0, 'registered'],
        [2, 'b', 1, 0, 'registered'],
        [3, 'b', 2, 2, 'start'],
        [4, 'a', 2, 1, 'start'],
      ]);
      expect(log.head('a')?.token).toBe(a2);
      expect(log.head('b')?.token).toBe(b1);
      expect([log.lastSeq(), log.appendedSeq]).toEqual([4, 4]);
      expect(log.count()).toBe(2);
    });

    it('gives a record back as it was written', () => {
      const written = draft('backend.failed', {
        at: 1_769_000_000_123,
        event: {
          type: 'backend.failed',
          reason: 'exit 1 \u0000 "é" 🚀 \ud800',
          list: [1, -2.5, 1e300, null, true, [], {}],
          huge: 2 ** 53 - 1,
        },
        to: { value: 'Ended', context: JSON.parse('{"__proto__":{"x":1},"constructor":"c","":0}') },
      });

      log.append('a', NO_TOKEN, [written]);

      const expected = {
        v: RECORD_VERSION,
        seq: 1,
        id: 'a',
        n: 1,
        prev: 0,
        at: written.at,
        event: written.event,
        to: written.to,
      };
      expect(JSON.stringify(log.head('a')?.record)).toBe(JSON.stringify(expected));
      expect(JSON.stringify(log.tail(0, 1))).toBe(JSON.stringify([expected]));
    });

    it('refuses an append whose expected version is not the present one, and writes nothing of it', () => {
      const first = log.append('a', NO_TOKEN, [draft('registered')]);
      const second = log.append('a', first, [draft('start')]);

      for (const stale of [NO_TOKEN, first]) {
        const attempt = () => log.append('a', stale, [draft('late', { documents: { config: { x: 1 } } })]);
        expect(attempt).toThrow(ConflictError);
        expect(attempt).toThrow('"a"');
      }
      expect(() => log.append('b', second, [draft('start')])).toThrow(ConflictError);

      expect(log.lastSeq()).toBe(2);
      expect(log.head('a')?.token).toBe(second);
      expect(log.document('a', 'config')).toBeUndefined();
      expect(log.ids()).toEqual(['a']);
    });

    it('appends to several services as one, in their order', () => {
      const first = log.append('a', NO_TOKEN, [draft('registered')]);
      const appended = log.appendAll([
        { id: 'b', expected: NO_TOKEN, drafts: [draft('registered'), draft('start')] },
        { id: 'a', expected: first, drafts: [draft('start')] },
      ]);
      expect(appended).toEqual([
        { token: 3, seq: 3 },
        { token: 4, seq: 4 },
      ]);
      expect(log.appendedSeq).toBe(4);
      const places = log.tail(0, 10).map(({ id, n, prev }) => [id, n, prev]);
      expect(places).toEqual([
        ['a', 1, 0],
        ['b', 1, 0],
        ['b', 2, 2],
        ['a', 2, 1],
      ]);
    });

    it('given a conflict among them, then it alone is left out', () => {
      const appended = log.appendAll([
        { id: 'a', expected: NO_TOKEN, drafts: [draft('registered')] },
        { id: 'b', expected: 7 as Token, drafts: [draft('start')] },
        { id: 'c', expected: NO_TOKEN, drafts: [draft('registered'), removal()] },
        { id: 'd', expected: NO_TOKEN, drafts: [] },
      ]);
      expect(appended).toEqual([
        { token: 1, seq: 1 },
        { fault: expect.any(ConflictError) },
        { token: NO_TOKEN, seq: 3 },
        { token: NO_TOKEN, seq: null },
      ]);
      expect([log.ids(), log.lastSeq()]).toEqual([['a'], 3]);
    });

    it('given an id among them that cannot be one, then nothing of any of them is written', () => {
      const drafts = [draft('registered')];
      const appends = ['a', '\ud800'].map(id => ({ id, expected: NO_TOKEN, drafts }));
      expect(() => log.appendAll(appends)).toThrow('cannot be a service id');
      expect([log.ids(), log.lastSeq()]).toEqual([[], 0]);
    });

    it('appends nothing for no drafts, but checks the version', () => {
      const token = log.append('a', NO_TOKEN, [draft('registered')]);

      expect(log.append('a', token, [])).toBe(token);
      expect(() => log.append('a', NO_TOKEN, [])).toThrow(ConflictError);
      expect(log.lastSeq()).toBe(1);
    });

    it('forgets a removed service, keeps its records in the global order, and starts anew under its id', () => {
      const token = log.append('a', NO_TOKEN, [
        draft('registered', { documents: { config: { command: 'x' } }, owed: { running: true, dueAt: 5 } }),
      ]);

      expect(log.append('a', token, [draft('stopping'), removal()])).toBe(NO_TOKEN);

      expect(log.head('a')).toBeUndefined();
      expect(log.read('a')).toEqual([]);
      expect(log.ids()).toEqual([]);
      expect([...log.owed()]).toEqual([]);
      expect(log.document('a', 'config')).toBeUndefined();
      expect(log.tail(0, 10).map(record => record.event.type)).toEqual(['registered', 'stopping', 'removed']);

      log.append('a', NO_TOKEN, [draft('registered again')]);
      expect(log.read('a').map(({ seq, n, prev }) => [seq, n, prev])).toEqual([[4, 1, 0]]);
    });

    it('takes a removal and a new registration in one append', () => {
      const token = log.append('a', NO_TOKEN, [
        withDocuments({ config: { old: true }, tools: { old: true } }),
      ]);

      log.append('a', token, [
        withDocuments({ extra: { old: true } }),
        removal(),
        withDocuments({ config: { old: false } }),
      ]);

      expect(log.read('a').map(({ seq, n, prev }) => [seq, n, prev])).toEqual([[4, 1, 0]]);
      expect(log.document('a', 'config')).toEqual({ old: false });
      expect(log.document('a', 'tools')).toBeUndefined();
      expect(log.document('a', 'extra')).toBeUndefined();
    });

    it('reads a service from a seq on, its newest records, and everything after a seq', () => {
      let token = NO_TOKEN;
      for (let i = 1; i <= 5; i++) {
        token = log.append('a', token, [draft(`a${i}`)]);
        log.append(`other ${i}`, NO_TOKEN, [draft('registered')]);
      }

      expect(log.read('a').map(record => record.seq)).toEqual([1, 3, 5, 7, 9]);
      expect(log.read('a', 4).map(record => record.seq)).toEqual([5, 7, 9]);
      expect(log.read('a', 10)).toEqual([]);
      expect(log.recent('a', 2).map(record => record.seq)).toEqual([7, 9]);
      expect(log.recent('a', 99)).toHaveLength(5);
      expect(log.tail(8, 10).map(record => record.seq)).toEqual([9, 10]);
      expect(log.tail(2, 3).map(record => record.seq)).toEqual([3, 4, 5]);
      expect(log.tail(10, 3)).toEqual([]);
    });

    it('puts and drops documents with the record they belong to, apart from those of other services', () => {
      const token = log.append('a', NO_TOKEN, [withDocuments({ config: { x: 1 }, tools: { list: [] } })]);
      log.append('a\u00a0', NO_TOKEN, [withDocuments({ config: { x: 2 } })]);
      log.append('ab', NO_TOKEN, [withDocuments({ config: { x: 3 } })]);

      const later = log.append('a', token, [withDocuments({ config: { x: 9 }, tools: null })]);
      expect(log.document('a', 'config')).toEqual({ x: 9 });
      expect(log.document('a', 'tools')).toBeUndefined();

      log.append('a', later, [removal()]);
      expect(log.document('a', 'config')).toBeUndefined();
      expect(log.document('a\u00a0', 'config')).toEqual({ x: 2 });
      expect(log.document('ab', 'config')).toEqual({ x: 3 });
    });

    it('keeps a document of a megabyte', () => {
      const config = { text: 'é'.repeat(2 ** 19) };
      log.append('a', NO_TOKEN, [withDocuments({ config })]);
      expect(log.document('a', 'config')).toEqual(config);
    });

    it('knows what is owed after the last record of each service', () => {
      const a = log.append('a', NO_TOKEN, [draft('start', { owed: { running: true, dueAt: null } })]);
      log.append('b', NO_TOKEN, [
        draft('cooling', { owed: { running: false, dueAt: 99 } }),
        draft('at rest'),
      ]);
      log.append('c', NO_TOKEN, [draft('at rest'), draft('cooling', { owed: { running: false, dueAt: 7 } })]);
      expect([...log.owed()]).toEqual([
        { id: 'a', owed: { running: true, dueAt: null } },
        { id: 'c', owed: { running: false, dueAt: 7 } },
      ]);
      expect([...log.owed('a')].map(({ id }) => id)).toEqual(['c']);
      expect([...log.owed('c')]).toEqual([]);

      expect(log.owedTo('a')).toEqual({ running: true, dueAt: null });
      expect([log.owedTo('b'), log.owedTo('nobody'), log.owedTo('\ud800')]).toEqual([null, null, null]);

      log.append('a', a, [draft('stopped')]);
      expect([...log.owed()].map(({ id }) => id)).toEqual(['c']);
      expect(log.owedTo('a')).toBeNull();
    });

    it('lists what is owed while the reader appends', () => {
      for (let i = 0; i < 600; i++) {
        const id = `s${String(i).padStart(3, '0')}`;
        log.append(id, NO_TOKEN, [draft('start', { owed: { running: true, dueAt: null } })]);
      }
      let seen = 0;
      for (const { id } of log.owed()) {
        seen++;
        log.append(id, log.head(id)?.token ?? NO_TOKEN, [draft('at rest')]);
      }
      expect(seen).toBe(600);
      expect([...log.owed()]).toEqual([]);
    });

    it('lists ids by their bytes, from one on, up to a limit', () => {
      for (const id of ['b', '\u{1f680}', 'a', '\uffee', 'a b', '0'])
        log.append(id, NO_TOKEN, [draft('registered')]);

      expect(log.ids()).toEqual(['0', 'a', 'a b', 'b', '\uffee', '\u{1f680}']);
      expect(log.ids('a')).toEqual(['a b', 'b', '\uffee', '\u{1f680}']);
      expect(log.ids('a', 2)).toEqual(['a b', 'b']);
      expect(log.ids('aa', 1)).toEqual(['b']);
      expect(log.ids(undefined, 2)).toEqual(['0', 'a']);
    });

    it.each([
      ['__proto__'],
      ['constructor'],
      ['hasOwnProperty'],
      ['0'],
      ['true'],
      [' '],
      ['%2f'],
      ['\u{1f469}'.repeat(128)],
      ['\uffff'.repeat(128)],
    ])('takes %j as an id like any other', id => {
      const token = log.append(id, NO_TOKEN, [
        draft('registered', { documents: { config: { id } }, owed: { running: false, dueAt: 1 } }),
      ]);
      expect(log.head(id)?.record.id).toBe(id);
      expect(log.ids()).toEqual([id]);
      expect(log.read(id)).toHaveLength(1);
      expect(log.document(id, 'config')).toEqual({ id });
      expect([...log.owed()].map(owed => owed.id)).toEqual([id]);
      log.append(id, token, [removal()]);
      expect(log.ids()).toEqual([]);
      expect(log.document(id, 'config')).toBeUndefined();
    });

    it.each([1, 100])('refuses an id with %i half surrogate pairs, and takes it for no other', length => {
      const id = '\ud800'.repeat(length);
      expect(() => log.append(id, NO_TOKEN, [draft('registered')])).toThrow(StorageError);
      log.append('\ufffd'.repeat(length), NO_TOKEN, [draft('registered', { documents: { config: {} } })]);
      expect(log.head(id)).toBeUndefined();
      expect(log.document(id, 'config')).toBeUndefined();
    });

    describe('pruned', () => {
      const kept = () => log.tail(0, 100).map(({ seq }) => seq);
      /** Records 1 to 8 of a, b, a, b, …, one second apart. */
      const fill = () => {
        for (let i = 1; i <= 8; i++) {
          const id = i % 2 === 1 ? 'a' : 'b';
          log.append(id, log.head(id)?.token ?? NO_TOKEN, [
            draft(`e${i}`, { at: i * 1000, documents: { config: { i } } }),
          ]);
        }
      };
      const NEVER = { maxRecords: 1_000_000, before: 0 };

      it('to a number of records, keeps the newest ones, and everything of the services but their old records', () => {
        fill();
        expect(log.prune({ ...NEVER, maxRecords: 3 }, 100)).toBe(5);
        expect(kept()).toEqual([6, 7, 8]);
        expect(log.head('a')?.record.seq).toBe(7);
        expect(log.read('a').map(({ seq }) => seq)).toEqual([7]);
        expect(log.recent('b', 9).map(({ seq }) => seq)).toEqual([6, 8]);
        expect(log.tail(2, 2).map(({ seq }) => seq)).toEqual([6, 7]);
        expect(log.document('a', 'config')).toEqual({ i: 7 });
        expect(log.prune({ ...NEVER, maxRecords: 3 }, 100)).toBe(0);
      });

      it('by age, keeps those from the given time on', () => {
        fill();
        expect(log.prune({ ...NEVER, before: 4000 }, 100)).toBe(3);
        expect(kept()).toEqual([4, 5, 6, 7, 8]);
      });

      it('never lets a record go while an older one stays, whatever the clock said', () => {
        let token = NO_TOKEN;
        for (const at of [1000, 9000, 1000, 1000]) token = log.append('a', token, [draft('x', { at })]);
        expect(log.prune({ ...NEVER, before: 5000 }, 100)).toBe(1);
        expect(kept()).toEqual([2, 3, 4]);
      });

      it('by number and age, lets go what either lets go', () => {
        fill();
        expect(log.prune({ maxRecords: 6, before: 5000 }, 100)).toBe(4);
        expect(log.prune({ maxRecords: 2, before: 5000 }, 100)).toBe(2);
        expect(kept()).toEqual([7, 8]);
      });

      it('removes no more at a time than its budget, and says when nothing is left to remove', () => {
        fill();
        expect(log.prune({ ...NEVER, maxRecords: 1 }, 3)).toBe(3);
        expect(kept()).toEqual([4, 5, 6, 7, 8]);
        expect(log.prune({ ...NEVER, before: 6000 }, 3)).toBe(2);
        expect(kept()).toEqual([6, 7, 8]);
      });

      it('keeps the newest record of all, and counts on from it', () => {
        fill();
        expect(log.prune({ maxRecords: 0, before: 99_000 }, 100)).toBe(7);
        expect(kept()).toEqual([8]);
        log.append('a', log.head('a')?.token ?? NO_TOKEN, [draft('on')]);
        expect(log.prune({ maxRecords: 1, before: 0 }, 100)).toBe(1);
        expect(log.read('a').map(({ seq, n, prev }) => [seq, n, prev])).toEqual([[9, 5, 7]]);
        expect(log.lastSeq()).toBe(9);
      });

      it('empty, stays empty', () => {
        expect(log.prune({ maxRecords: 1, before: 99_000 }, 100)).toBe(0);
        expect(log.lastSeq()).toBe(0);
      });

      it('serves a service whose every record is gone from its head', () => {
        fill();
        log.append('a', log.head('a')?.token ?? NO_TOKEN, [removal()]);
        log.prune({ maxRecords: 1, before: 0 }, 100);
        const head = log.head('b');
        expect(head?.record.event.type).toBe('e8');
        expect(log.read('b')).toEqual([]);
        log.append('b', head?.token ?? NO_TOKEN, [draft('on')]);
        expect(log.read('b').map(({ seq, n, prev }) => [seq, n, prev])).toEqual([[10, 5, 8]]);
        expect([...log.ids()]).toEqual(['b']);
      });
    });

    it('shares no object with its callers', () => {
      const context = { n: 1, deep: { list: [1] } };
      const config = { x: 1 };
      log.append('a', NO_TOKEN, [
        draft('registered', { to: { value: 'x', context }, documents: { config } }),
      ]);
      context.n = 2;
      context.deep.list.push(2);
      config.x = 2;
      const read = log.head('a')?.record.to.context as typeof context;
      read.deep.list.push(3);

      expect(log.head('a')?.record.to.context).toEqual({ n: 1, deep: { list: [1] } });
      expect(log.read('a')[0]?.to.context).toEqual({ n: 1, deep: { list: [1] } });
      expect(log.document('a', 'config')).toEqual({ x: 1 });
    });

    it('refuses everything once closed, and closes twice without complaint', async () => {
      log.append('a', NO_TOKEN, [draft('registered')]);
      await log.close();
      await log.close();

      expect(() => log.append('b', NO_TOKEN, [draft('registered')])).toThrow(StorageError);
      expect(() => log.head('a')).toThrow('closed');
      expect(() => log.tail(0, 1)).toThrow(StorageError);
      expect(() => [...log.owed()]).toThrow(StorageError);
    });
  });
}
