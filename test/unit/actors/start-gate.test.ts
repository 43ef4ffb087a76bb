import { describe, expect, it } from 'vitest';
import { StartGate } from '../../../src/actors/start-gate.ts';

/** Everything this turn still has to do is done. */
const turnEnds = () => new Promise(resolve => setImmediate(resolve));

/** A gate, and who was let through it, in order. Whoever is let through begins a start at once. */
function given(permits: number) {
  const gate = new StartGate(permits);
  const through: string[] = [];
  const enter = (id: string, urgent = false) =>
    gate.enter(id, urgent, () => {
      through.push(id);
      gate.claim(id);
    });
  return { gate, through, enter };
}

describe('the gate every start passes (invariant 10)', () => {
  it('lets as many through at once as it has permits, the others in order of arrival', () => {
    const { gate, through, enter } = given(2);
    for (const id of ['a', 'b', 'c', 'd']) enter(id);
    expect([through, gate.waiting]).toEqual([['a', 'b'], 2]);
    gate.release('b');
    gate.release('a');
    expect(through).toEqual(['a', 'b', 'c', 'd']);
  });

  it('services somebody waits for go first, among themselves in order of arrival', () => {
    const { gate, through, enter } = given(1);
    for (const [id, urgent] of [
      ['a', false],
      ['b', false],
      ['c', true],
      ['d', true],
    ] as const)
      enter(id, urgent);
    for (const id of ['a', 'c', 'd']) gate.release(id);
    expect(through).toEqual(['a', 'c', 'd', 'b']);
  });

  it('a service somebody begins to wait for while it is in line goes first from then on', () => {
    const { gate, through, enter } = given(1);
    for (const id of ['a', 'b', 'c']) enter(id);
    gate.promote('c');
    gate.promote('nobody');
    gate.release('a');
    expect(through).toEqual(['a', 'c']);
  });

  it('whoever leaves the line is not let through', async () => {
    const { gate, through, enter } = given(1);
    for (const id of ['a', 'b', 'c']) enter(id);
    gate.leave('b');
    await turnEnds();
    gate.release('a');
    expect([through, gate.waiting]).toEqual([['a', 'c'], 0]);
  });

  it('a permit that was granted and not claimed goes back when its holder leaves in the same turn', async () => {
    const { gate, through, enter } = given(1);
    gate.enter('a', false, () => through.push('a'));
    gate.leave('a');
    enter('b');
    await turnEnds();
    expect([through, gate.inUse]).toEqual([['a', 'b'], 1]);
  });

  it('leaving the line because the start begins keeps the permit', async () => {
    const { gate, enter } = given(1);
    enter('a');
    gate.leave('a');
    await turnEnds();
    expect(gate.inUse).toBe(1);
  });

  it('whoever leaves and comes back in the same turn gets one permit', async () => {
    const { gate, through, enter } = given(2);
    gate.enter('a', false, () => through.push('unclaimed'));
    gate.leave('a');
    enter('a');
    await turnEnds();
    expect([through, gate.inUse, gate.waiting]).toEqual([['unclaimed', 'a'], 1, 0]);
  });

  it('a service whose earlier start is still being undone waits for its end, others do not (invariant 1)', () => {
    const { gate, through, enter } = given(2);
    enter('a');
    enter('a', true);
    enter('b');
    expect([through, gate.waiting]).toEqual([['a', 'b'], 1]);
    gate.release('a');
    expect([through, gate.inUse]).toEqual([['a', 'b', 'a'], 2]);
  });

  it('no permit is lost or made by releasing what is not held', () => {
    const { gate, through, enter } = given(1);
    gate.release('a');
    gate.release('a');
    for (const id of ['a', 'b']) enter(id);
    gate.release('nobody');
    expect([through, gate.inUse]).toEqual([['a'], 1]);
  });

  it('whoever is let through may end its start at once', () => {
    const gate = new StartGate(1);
    const through: string[] = [];
    const ids = Array.from({ length: 100 }, (_, index) => `s${index}`);
    gate.enter('first', false, () => gate.claim('first'));
    for (const id of ids) {
      gate.enter(id, false, () => {
        through.push(id);
        gate.claim(id);
        gate.release(id);
      });
    }
    gate.release('first');
    expect([through, gate.inUse, gate.waiting]).toEqual([ids, 0, 0]);
  });
});
