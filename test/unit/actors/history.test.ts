import { describe, expect, it } from 'vitest';
import { History } from '../../../src/actors/history.ts';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { draft } from '../store/drafts.ts';

/** `a` has the odd records of the log and `b` the even ones, one per 10 ms. */
function logOf(records: number) {
  const log = new MemoryLog();
  const tokens = new Map<string, ReturnType<MemoryLog['append']>>();
  for (let seq = 1; seq <= records; seq++) {
    const id = seq % 2 === 1 ? 'a' : 'b';
    tokens.set(id, log.append(id, tokens.get(id) ?? NO_TOKEN, [{ ...draft(`e${seq}`), at: seq * 10 }]));
  }
  return { log, history: new History(log) };
}

const seqs = (page: Awaited<ReturnType<History['after']>>) => page?.records.map(({ seq }) => seq);

describe('the history of a service', () => {
  it.each([
    [0, 3, [1, 3, 5], true],
    [1, 3, [3, 5, 7], true],
    [2, 2, [3, 5], true],
    [5, 3, [7, 9], false],
    [5, 2, [7, 9], false],
    [9, 3, [], false],
    [99, 3, [], false],
  ])('after %i, %i at most: %j', async (after, limit, expected, more) => {
    const page = await logOf(10).history.after('a', after, limit);
    expect([seqs(page), page?.more]).toEqual([expected, more]);
  });

  it.each([
    [99, 3, [5, 7, 9], true],
    [10, 3, [5, 7, 9], true],
    [9, 3, [3, 5, 7], true],
    [8, 3, [3, 5, 7], true],
    [7, 3, [1, 3, 5], false],
    [7, 2, [3, 5], true],
    [1, 3, [], false],
    [0, 3, [], false],
  ])('before %i, %i at most: %j', async (before, limit, expected, more) => {
    const page = await logOf(10).history.before('a', before, limit);
    expect([seqs(page), page?.more]).toEqual([expected, more]);
  });

  it('pages lead through all records, either way, each once', async () => {
    const { history } = logOf(1501);
    const all = Array.from({ length: 751 }, (_, n) => 2 * n + 1);
    const forwards: number[] = [];
    for (let after = 0, more = true; more; ) {
      const page = await history.after('a', after, 100);
      forwards.push(...(seqs(page) ?? []));
      after = forwards.at(-1) ?? 0;
      more = page?.more === true;
    }
    expect(forwards).toEqual(all);
    const backwards: number[] = [];
    for (let before = Number.MAX_SAFE_INTEGER, more = true; more; ) {
      const page = await history.before('a', before, 100);
      backwards.unshift(...(seqs(page) ?? []));
      before = backwards[0] ?? 0;
      more = page?.more === true;
    }
    expect(backwards).toEqual(all);
  });

  it.each([
    [1, 1],
    [2, 1],
    [8, 7],
    [9, 9],
    [99, 9],
  ])('at record %i it is as record %i left it', async (at, seq) => {
    const moment = await logOf(10).history.at('a', record => record.seq <= at);
    expect(moment).toMatchObject({ found: 'record', record: { seq } });
  });

  it.each([
    [10, 1],
    [29, 1],
    [30, 3],
    [1e6, 9],
  ])('at %i ms it is as record %i left it', async (at, seq) => {
    const moment = await logOf(10).history.at('a', record => record.at <= at);
    expect(moment).toMatchObject({ found: 'record', record: { seq } });
  });

  it('before its registration there is nothing; what was pruned is told apart', async () => {
    const { log, history } = logOf(10);
    expect(await history.at('b', record => record.seq <= 1)).toEqual({ found: 'not yet' });
    log.prune({ maxRecords: 5, before: 0 }, 100);
    expect(await history.at('a', record => record.seq <= 5)).toEqual({ found: 'pruned', keptFrom: 7 });
    expect(seqs(await history.after('a', 0, 100))).toEqual([7, 9]);
    expect(seqs(await history.before('a', 99, 100))).toEqual([7, 9]);
    expect(seqs(await history.before('a', 7, 100))).toEqual([]);
  });

  it('an unknown service has none', async () => {
    const { history } = logOf(4);
    expect(await history.after('x', 0, 9)).toBeUndefined();
    expect(await history.before('x', 9, 9)).toBeUndefined();
    expect(await history.at('x', () => true)).toBeUndefined();
  });

  it('given a service that was removed and registered anew, then its earlier life is not its history', async () => {
    const { log, history } = logOf(4);
    log.append('a', log.head('a')?.token ?? NO_TOKEN, [{ ...draft('gone'), removed: true }]);
    log.append('a', NO_TOKEN, [draft('again')]);
    expect(seqs(await history.after('a', 0, 100))).toEqual([6]);
    expect(await history.at('a', record => record.seq <= 3)).toEqual({ found: 'not yet' });
  });
});
