import { describe, expect, it } from 'vitest';
import { serviceNews } from '../../../src/actors/news.ts';
import { verifyLog } from '../../../src/actors/verify-log.ts';
import { StorageError, UnreadableRecordError } from '../../../src/store/errors.ts';
import { type Draft, type Head, NO_TOKEN, type Token } from '../../../src/store/event-log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { endsInRemoval } from '../../../src/store/placement.ts';
import { order, Stage, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';

/** A log whose heads a test damages; as the real one, it takes one append then: a removal. */
class DamageableLog extends MemoryLog {
  readonly damaged = new Set<string>();
  unreadable = false;

  override head(id: string): Head | undefined {
    if (this.unreadable) throw new StorageError('disk gone');
    if (this.damaged.has(id)) throw new UnreadableRecordError(`the head of service "${id}" is damaged`);
    return super.head(id);
  }

  override append(id: string, expected: Token, drafts: readonly Draft[]): Token {
    if (!this.damaged.has(id) || !endsInRemoval(expected, drafts)) return super.append(id, expected, drafts);
    this.damaged.delete(id);
    return super.append(id, super.head(id)?.token ?? NO_TOKEN, drafts);
  }
}

function given() {
  const log = new DamageableLog();
  const stage = new Stage({}, 50, log);
  const removed: string[] = [];
  serviceNews(stage.registry.live.events).listen({
    ready() {},
    toolsChanged() {},
    removed: id => removed.push(id),
  });
  return { log, stage, removed };
}

describe('removing a service whose last record cannot be used', () => {
  it('given its head is damaged, then it goes, its sessions are told, and its id is free', async () => {
    const { stage, log, removed } = given();
    stage.registry.declare(ID, order('Persistent'), false);
    log.damaged.add(ID);
    expect(await stage.verdict(stage.admit(ID))).toBe('0005');
    expect(await stage.registry.remove(ID)).toBe(true);
    await turn();
    expect([log.ids(), log.document(ID, 'config'), removed]).toEqual([[], undefined, [ID]]);
    expect(await stage.registry.remove(ID)).toBe(false);
    await stage.ready(ID, 'OneShot');
    expect(stage.state(ID)).toBe('Ready.Healthy');
    expect(await stage.registry.remove(ID)).toBe(true);
    const check = verifyLog(log);
    let step = check.next();
    while (!step.done) step = check.next();
    expect(step.value.problems).toEqual([]);
  });

  it('given a state that this gateway does not know, then the same', async () => {
    const { stage, log } = given();
    stage.registry.declare(ID, order('Persistent'), false);
    const head = log.head(ID);
    if (head === undefined) throw new Error('no head');
    const { to } = head.record;
    log.append(ID, head.token, [
      { at: 1, event: { type: 'x', at: 1 }, to: { ...to, value: 'Dreaming' }, owed: null },
    ]);
    expect(await stage.verdict(stage.admit(ID))).toBe('0005');
    expect(await stage.registry.remove(ID)).toBe(true);
    expect(log.ids()).toEqual([]);
  });

  it('given it runs, then its backend is ended first, once, and whoever waits is refused (invariants 2 and 3)', async () => {
    const { stage, log } = given();
    const lane = await stage.ready(ID, 'Persistent');
    lane.lingers = true;
    log.damaged.add(ID);
    const removals = [stage.registry.remove(ID), stage.registry.remove(ID)];
    await turn();
    expect(lane.closes).toBeGreaterThan(0);
    expect(log.ids()).toEqual([ID]);
    expect(await stage.verdict(stage.admit(ID, { order: order('OneShot') }))).toBe('0001');
    lane.gone.resolve();
    expect(await Promise.all(removals)).toEqual([true, true]);
    expect([log.ids(), stage.registry.live.size, stage.starts.length]).toEqual([[], 0, 1]);
    const told = log.tail(0, 100).map(({ event }) => event.type);
    expect(told.slice(-2)).toEqual(['divergence found', 'removal requested']);
    expect(told.filter(type => type === 'removal requested')).toHaveLength(1);
  });

  it('given it cools down, then its timer is forgotten', async () => {
    const { stage, log } = given();
    stage.registry.ensure(ID, order('Persistent'));
    (await stage.start()).fail();
    await turn();
    log.damaged.add(ID);
    await stage.registry.remove(ID);
    await stage.pass(60_000);
    expect([stage.state(ID), stage.starts.length, stage.registry.live.size]).toEqual(['unknown', 1, 0]);
  });

  it('given the log cannot be read or written, then that is refused and the service is kept', async () => {
    const { stage, log } = given();
    stage.registry.declare(ID, order('Persistent'), false);
    log.damaged.add(ID);
    log.unreadable = true;
    await expect(stage.registry.remove(ID)).rejects.toMatchObject({ code: '0009' });
    log.unreadable = false;
    stage.space = 0;
    await expect(stage.registry.remove(ID)).rejects.toMatchObject({ code: '0009' });
    expect(log.ids()).toEqual([ID]);
  });
});
