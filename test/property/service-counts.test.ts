/** The counts of services by state are right at every scrape, however transitions and the reading of heads interleave. */
import { EventEmitter } from 'eventemitter3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { statePath } from '../../src/actors/journal.ts';
import type { LiveServices } from '../../src/actors/live.ts';
import { initialState, type ServiceSnapshot, toDurable } from '../../src/actors/replay.ts';
import { ServiceCounts } from '../../src/metrics/service-counts.ts';
import { type JsonObject, NO_TOKEN, type Token } from '../../src/store/event-log.ts';
import { MemoryLog } from '../../src/store/memory-log.ts';
import { policy } from '../support/machine-fixtures.ts';

const VALUES = [{ Pending: 'Asleep' }, { Ready: 'Healthy' }, 'CoolingDown', { Ended: 'Failed' }] as const;

/** A log whose services change state as a test says, with the bus that tells of it. */
class Town {
  readonly log = new MemoryLog();
  readonly bus = new EventEmitter() as unknown as LiveServices['events'];
  /** How often ids were asked for. */
  looks = 0;
  readonly watched: ConstructorParameters<typeof ServiceCounts>[0] = {
    head: id => this.log.head(id),
    count: () => this.log.count(),
    ids: (after, limit) => {
      this.looks++;
      return this.log.ids(after, limit);
    },
  };
  readonly #services = new Map<string, { token: Token; state: ServiceSnapshot }>();

  /** Registers a service, moves it to another state, or removes it. */
  change(id: string, what: number): void {
    const before = this.#services.get(id);
    const type = id.length % 2 === 0 ? 'OneShot' : 'Persistent';
    const base = initialState({ type, config: null, policy, at: 1 });
    const removed = before !== undefined && what === VALUES.length;
    const value = VALUES[what % VALUES.length] ?? VALUES[0];
    const state = { ...base, value, status: removed ? 'done' : 'active' } as unknown as ServiceSnapshot;
    const event = { type: 'moved', at: 1 } as JsonObject & { type: string; at: number };
    const draft = { at: 1, event, to: toDurable(state), owed: null, removed };
    const token = this.log.append(id, before?.token ?? NO_TOKEN, [draft]);
    if (removed) this.#services.delete(id);
    else this.#services.set(id, { token, state });
    const told = { id, to: state, event, documents: undefined, seq: this.log.lastSeq() };
    if (before === undefined) this.bus.emit('registered', told);
    else this.bus.emit('transition', { ...told, from: before.state });
  }

  truth(): Record<string, number> {
    const truth: Record<string, number> = {};
    for (const { state } of this.#services.values()) {
      const key = `${statePath(state)} ${state.context.type}`;
      truth[key] = (truth[key] ?? 0) + 1;
    }
    return truth;
  }
}

async function countedBy(counts: ServiceCounts): Promise<Record<string, number>> {
  const read = await counts.read();
  return Object.fromEntries(
    read.filter(({ count }) => count !== 0).map(({ state, type, count }) => [`${state} ${type}`, count]),
  );
}

const ids = fc.constantFrom('a', 'b', 'ab', 'z', 'Z', 'é', 'ü', '\u{1F600}', '\uFFFD', 'a-1', 'zz', '~');
const change = fc.tuple(ids, fc.integer({ min: 0, max: VALUES.length }));

it('given changes before, while and after heads are read, then the counts are those of the log', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 40 }),
      fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 8 }),
      fc.array(change, { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      async (before, meanwhile, after, slice) => {
        const town = new Town();
        const counts = new ServiceCounts(town.watched, town.bus, slice);
        for (const [id, what] of before) town.change(id, what);
        let ready = false;
        const reading = counts.read().then(() => {
          ready = true;
        });
        for (const changes of meanwhile) {
          for (const [id, what] of changes) town.change(id, what);
          if (!ready) await new Promise(resolve => setImmediate(resolve));
        }
        await reading;
        expect(await countedBy(counts)).toEqual(town.truth());
        const { looks } = town;
        for (const [id, what] of after) town.change(id, what);
        expect(await countedBy(counts)).toEqual(town.truth());
        expect(town.looks).toBe(looks); // heads are read once, not at every scrape
      },
    ),
    { numRuns: 500 },
  );
});
