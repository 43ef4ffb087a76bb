/** A reader of the feed is told every record behind its place, once and in order, whatever happens meanwhile. */
import { EventEmitter } from 'eventemitter3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveServices } from '../../src/actors/live.ts';
import { type FeedReader, RecordFeed } from '../../src/actors/record-feed.ts';
import { NO_TOKEN } from '../../src/store/event-log.ts';
import { MemoryLog } from '../../src/store/memory-log.ts';
import { draft } from '../unit/store/drafts.ts';

type Step =
  | { readonly do: 'append'; readonly records: number }
  | { readonly do: 'read'; readonly after: number | null; readonly slow: boolean }
  | { readonly do: 'leave'; readonly which: number }
  | { readonly do: 'prune'; readonly keep: number }
  | { readonly do: 'wait'; readonly turns: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('append' as const), records: fc.integer({ min: 1, max: 300 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      after: fc.option(fc.nat(1500)),
      slow: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('prune' as const), keep: fc.integer({ min: 1, max: 400 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.nat(4) }) },
);

const turn = () => new Promise(resolve => setImmediate(resolve));

/** Notes what it is told as ranges: a record, or a gap. */
class NotingReader implements FeedReader {
  readonly told: [number, number][] = [];
  readonly gaps: [number, number][] = [];
  left = false;
  /** So much of what it was told it may pass on. */
  flushed = 0;
  /** `seq` of the log when it came, or where it wanted to begin. */
  constructor(
    readonly start: number,
    readonly slow: boolean,
  ) {}
  record({ seq }: { seq: number }): void {
    if (this.left) throw new Error('it has left');
    this.told.push([seq, seq]);
  }
  gap(from: number, to: number): void {
    this.told.push([from, to]);
    this.gaps.push([from, to]);
  }
  flush(): void {
    this.flushed = this.told.length;
  }
  async ready(): Promise<void> {
    if (this.slow) for (let n = 0; n < 3; n++) await turn();
  }
  failed(): void {
    throw new Error('nothing failed');
  }
}

class FeedWorld {
  readonly log = new MemoryLog();
  readonly events: LiveServices['events'] = new EventEmitter();
  readonly readers: { readonly reader: NotingReader; readonly leave: () => void }[] = [];
  readonly feed = new RecordFeed({
    log: this.log,
    events: this.events,
    // Time passes with the turns of the event loop.
    clock: { now: () => 0, setTimeout: setImmediate, clearTimeout: () => {} },
    onFault: error => {
      throw error;
    },
  });
  #token = NO_TOKEN;
  #prunedTo = 0;

  async run(step: Step): Promise<void> {
    if (step.do === 'append') this.append(step.records);
    else if (step.do === 'read') this.read(step.after, step.slow);
    else if (step.do === 'leave') this.leave(step.which);
    else if (step.do === 'prune')
      this.#prunedTo += this.log.prune({ maxRecords: step.keep, before: 0 }, 1000);
    else for (let n = 0; n < step.turns; n++) await turn();
  }

  append(records: number): void {
    for (let n = 0; n < records; n++) {
      this.#token = this.log.append('a', this.#token, [draft('x')]);
      this.events.emit('transition', {} as never);
    }
  }

  read(after: number | null, slow: boolean): void {
    const present = this.log.lastSeq();
    const reader = new NotingReader(Math.min(after ?? present, present), slow);
    this.readers.push({ reader, leave: this.feed.follow(reader, after) });
  }

  leave(which: number): void {
    const { reader, leave } = this.readers[which] ?? {};
    leave?.();
    if (reader) reader.left = true;
  }

  /** What it was told covers everything behind its start without a gap or an overlap; what it missed is no longer there. */
  check(): void {
    for (const { reader } of this.readers) {
      let at = reader.start;
      for (const [from, to] of reader.told) {
        expect(from).toBe(at + 1);
        at = to;
      }
      if (!reader.left) expect([at, reader.flushed]).toEqual([this.log.lastSeq(), reader.told.length]);
      for (const [, to] of reader.gaps) expect(to).toBeLessThanOrEqual(this.#prunedTo);
    }
  }
}

describe('the feed of records', () => {
  it('tells each reader every record behind its place, once, in order, and what is no longer there as a gap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const world = new FeedWorld();
        for (const each of steps) await world.run(each);
        for (let n = 0; n < 120; n++) await turn();
        world.check();
      }),
      { numRuns: 150 },
    );
  });
});
