import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConflictError } from '../../src/store/errors.ts';
import {
  type Draft,
  type EventLog,
  type JsonObject,
  NO_TOKEN,
  type Token,
} from '../../src/store/event-log.ts';
import { openLmdbLog } from '../../src/store/lmdb-log.ts';
import { MemoryLog } from '../../src/store/memory-log.ts';
import { inTempDir } from '../unit/store/drafts.ts';

const IDS = ['a', 'b', 'ab', '__proto__', 'é🚀'];

/** Json as it comes out of a parser: no -0, which JSON cannot tell from 0. */
const json = fc.json({ maxDepth: 3 }).map(text => JSON.parse(text));
const object = fc.dictionary(fc.string({ maxLength: 5 }), json, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>;

const draft: fc.Arbitrary<Draft> = fc.record(
  {
    at: fc.nat({ max: 2 ** 41 }),
    event: fc.record({ type: fc.string(), extra: json }),
    to: fc.record({ value: json, context: object }),
    owed: fc.option(fc.record({ running: fc.boolean(), dueAt: fc.option(fc.nat()) })),
    documents: fc.dictionary(fc.constantFrom('config', 'tools'), fc.option(object)),
    removed: fc.boolean(),
  },
  { requiredKeys: ['at', 'event', 'to', 'owed'] },
);

interface Append {
  readonly id: string;
  /** What the caller expects: the present version, a stale one, or no service at all. */
  readonly expects: 'present' | 'stale' | 'none';
  readonly drafts: readonly Draft[];
}

interface Prune {
  readonly maxRecords: number;
  readonly before: number;
  readonly budget: number;
}

const prune: fc.Arbitrary<Prune> = fc.record({
  maxRecords: fc.nat({ max: 30 }),
  before: fc.oneof(fc.constant(0), fc.nat({ max: 2 ** 41 })),
  budget: fc.integer({ min: 1, max: 8 }),
});

const append: fc.Arbitrary<Append> = fc.record({
  id: fc.constantFrom(...IDS),
  expects: fc.oneof(
    { weight: 8, arbitrary: fc.constant('present' as const) },
    { weight: 1, arbitrary: fc.constantFrom('stale' as const, 'none' as const) },
  ),
  drafts: fc.array(draft, { maxLength: 3 }),
});

function expected(log: EventLog, { id, expects }: Append): Token {
  const present = log.head(id)?.token ?? NO_TOKEN;
  if (expects === 'none') return NO_TOKEN;
  return (expects === 'present' ? present : present - 1) as Token;
}

/** Appends in one transaction, each to another service. */
type Together = readonly Append[];

const together: fc.Arbitrary<Together> = fc.uniqueArray(append, { selector: ({ id }) => id });

type Step = Append | Together | Prune;
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: append },
  { weight: 3, arbitrary: together },
  { weight: 1, arbitrary: prune },
);

function perform(log: EventLog, step: Step): unknown {
  if ('budget' in step) return log.prune(step, step.budget);
  if ('length' in step) {
    const appends = step.map(one => ({ id: one.id, expected: expected(log, one), drafts: one.drafts }));
    return log.appendAll(appends);
  }
  try {
    return log.append(step.id, expected(log, step), step.drafts);
  } catch (error) {
    if (error instanceof ConflictError) return 'conflict';
    throw error;
  }
}

function contents(log: EventLog): string {
  const services = log.ids().map(id => ({
    id,
    head: log.head(id),
    history: log.read(id),
    newest: log.recent(id, 2),
    config: log.document(id, 'config'),
    tools: log.document(id, 'tools'),
  }));
  return JSON.stringify([log.lastSeq(), log.tail(0, 1000), log.tail(3, 2), services, [...log.owed()]]);
}

/** seq counts without gaps up to the newest; n and prev count within an incarnation; the head is its last record. */
function expectPlaces(log: EventLog): void {
  const last = new Map<string, { seq: number; n: number }>();
  const records = log.tail(0, 1000);
  const oldest = log.lastSeq() - records.length + 1;
  records.forEach((record, index) => {
    const before = last.get(record.id);
    const starts = record.n === 1;
    expect(record.seq).toBe(oldest + index);
    if (starts) expect(record.prev).toBe(0);
    else if (before === undefined) expect(record.prev).toBeLessThan(oldest);
    else expect([record.prev, record.n]).toEqual([before.seq, before.n + 1]);
    last.set(record.id, record);
  });
  for (const id of log.ids()) {
    const head = log.head(id)?.record;
    expect(head?.seq).toBe(last.get(id)?.seq ?? head?.seq);
    expect(log.read(id).at(-1)?.seq).toBe(last.get(id)?.seq);
    const ns = log.read(id).map(record => record.n);
    expect(ns).toEqual(ns.map((_, index) => (head?.n ?? 0) - ns.length + 1 + index));
  }
}

describe('LmdbLog and MemoryLog', () => {
  it('agree on every sequence of appends, alone and together, conflicts, removals, re-registrations and prunings, and after a reopening', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.array(step, { maxLength: 5 }), (steps, later) =>
        inTempDir(async dataDir => {
          const memory = new MemoryLog();
          const first = openLmdbLog({ dataDir });
          for (const step of steps) expect(perform(first, step)).toEqual(perform(memory, step));
          expect(contents(first)).toBe(contents(memory));
          expectPlaces(first);
          await first.close();

          const second = openLmdbLog({ dataDir });
          for (const step of later) expect(perform(second, step)).toEqual(perform(memory, step));
          expect(contents(second)).toBe(contents(memory));
          expectPlaces(second);
          await second.close();
        }),
      ),
      { numRuns: 40 },
    ));
});
