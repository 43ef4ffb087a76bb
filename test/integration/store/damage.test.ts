import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { draft, inTempDir, removal, withDocuments } from '../../unit/store/drafts.ts';
import { spawnStore } from './spawn-store.ts';

const REMEDY = /restore a backup|register it again|newer version|log verify|send one/;
const COUNT = 150;

/** A log that has seen everything: some long documents, removed services, pruned records, debts. */
async function fill(dataDir: string): Promise<void> {
  const log = openLmdbLog({ dataDir });
  for (let i = 0; i < 60; i++) {
    const id = `service ${i}`;
    const config = { text: 'x'.repeat(i % 20 === 0 ? 7000 : i) };
    const token = log.append(id, NO_TOKEN, [
      withDocuments({ config }),
      draft('a', { event: { type: 'a', i } }),
      draft('b'),
    ]);
    log.append(id, token, [
      i % 9 === 0 ? removal() : draft('c', { owed: i % 2 === 0 ? { running: true, dueAt: null } : null }),
    ]);
  }
  log.prune({ maxRecords: 180, before: 0 }, 100);
  await log.close();
}

interface Line {
  readonly damage?: object;
  readonly outcome?: {
    readonly refused?: string;
    readonly told?: readonly string[];
    readonly digest?: string;
  };
  readonly sound?: { readonly told: readonly string[]; readonly digest: string };
}

type Outcome = NonNullable<Line['outcome']>;

/** What was said of the damage. */
const said = ({ refused, told = [] }: Outcome) => (refused === undefined ? told : [refused]);

describe('a damaged data file', () => {
  it.each([1, 2, randomInt(2 ** 31)])(
    'given cut, zeroed and flipped ones by seed %i, then each is refused, or says what is lost, or nothing is; none ends the process',
    seed =>
      inTempDir(async dataDir => {
        await fill(dataDir);
        const child = spawnStore([dataDir, String(seed), String(COUNT)], undefined, 'damage-child.ts');
        await child.gone;
        const [first, ...lines] = child.lines.map(line => JSON.parse(line) as Line);
        expect([child.process.signalCode, child.process.exitCode], JSON.stringify(lines.at(-1))).toEqual([
          null,
          0,
        ]);
        expect(first?.sound?.told).toEqual([]);
        const outcomes = lines.flatMap(({ outcome }, n) =>
          outcome ? [{ outcome, about: JSON.stringify([lines[n - 1], outcome]) }] : [],
        );
        for (const { outcome, about } of outcomes) {
          for (const message of said(outcome)) expect(message, about).toMatch(REMEDY);
          if (said(outcome).length === 0) expect(outcome.digest, about).toBe(first?.sound?.digest);
        }
        expect(outcomes).toHaveLength(COUNT);
        expect(outcomes.filter(({ outcome }) => said(outcome).length > 0).length).toBeGreaterThan(COUNT / 5);
      }),
  );
});
