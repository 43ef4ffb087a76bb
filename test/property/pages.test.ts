import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_TOKEN } from '../../src/store/event-log.ts';
import type { LmdbHandle } from '../../src/store/lmdb-handle.ts';
import { LmdbLog, openDataDir } from '../../src/store/lmdb-log.ts';
import { drain } from '../../src/store/pages/check-file.ts';
import { draft, inTempDir } from '../unit/store/drafts.ts';

interface Step {
  readonly service: number;
  readonly does: 'append' | 'remove' | 'prune';
  /** Size of what it leaves behind, in characters. */
  readonly size: number;
  readonly times: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  service: fc.nat({ max: 30 }),
  does: fc.constantFrom('append', 'append', 'append', 'remove', 'prune'),
  size: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 5000 }), fc.nat({ max: 100_000 })),
  times: fc.integer({ min: 1, max: 12 }),
});

function perform(log: LmdbLog, { service, does, size, times }: Step): void {
  const id = `service ${'x'.repeat(service * 3)}${service}`;
  if (does === 'prune') log.prune({ maxRecords: times * 10, before: 0 }, 500);
  else if (does === 'remove') {
    const token = log.head(id)?.token;
    if (token !== undefined) log.append(id, token, [draft('removed', { removed: true })]);
  } else {
    const documents = { config: { text: 'y'.repeat(size) }, small: { times } };
    const drafts = Array.from({ length: times }, () => draft('x', { documents }));
    log.append(id, log.head(id)?.token ?? NO_TOKEN, drafts);
  }
}

const checked = (data: LmdbHandle) => drain(data.checkPages());

describe('the look at the pages of a data file', () => {
  it('finds every file sound that LMDB has written, while it is in use and when it is opened', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), steps =>
        inTempDir(async dataDir => {
          const data = openDataDir({ dataDir });
          const log = new LmdbLog(data);
          for (const each of steps) {
            perform(log, each);
            expect(checked(data)).toBeGreaterThan(0);
          }
          await log.close();
          const again = openDataDir({ dataDir });
          expect(again.isChecked).toBe(true);
          await again.close();
        }),
      ),
      { numRuns: 12 },
    ));
});
