/** Every record that the machine can lead to can be explained, in every language, and shows no config. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ServiceSnapshot, toDurable } from '../../src/actors/replay.ts';
import { causeOf } from '../../src/explain/cause.ts';
import { nextOf } from '../../src/explain/next.ts';
import { seenIn } from '../../src/explain/recorded.ts';
import { visibleContext, visibleEvent } from '../../src/explain/visible.ts';
import { whyOf } from '../../src/explain/why.ts';
import { tell } from '../../src/http/locales/sentences/tell.ts';
import type { DurableState } from '../../src/store/event-log.ts';
import {
  answered,
  configured,
  diverged,
  failed,
  finished,
  gated,
  type Happening,
  idle,
  lazy,
  lost,
  permitted,
  registered,
  remove,
  restart,
  silent,
  spawned,
  start,
  stop,
  succeeded,
  take,
} from '../support/machine-fixtures.ts';

const FINGERPRINT = 'secret-fingerprint';
const process = { pid: 9, pgid: 9, startTicks: 90 };

const happening: fc.Arbitrary<Happening | 'timer'> = fc.constantFrom<Happening | 'timer'>(
  ...[answered, diverged, failed, finished, gated, idle, lazy, lost, permitted, remove, restart, silent],
  ...[spawned, start, stop, succeeded],
  configured('OneShot', FINGERPRINT),
  configured('Persistent', 'another'),
  { type: 'probe failed', reason: 'no answer', decisive: true } as const,
  { type: 'policy changed', policy: registered('OneShot').context.policy } as const,
  { type: 'lane spawned', lane: 1, process } as const,
  { type: 'lane ended', lane: 1, reason: 'it ended' } as const,
  'timer',
);

/** The timer of the state, if it has one, goes off. */
function resolved(state: ServiceSnapshot, event: Happening | 'timer'): Happening | null {
  if (event !== 'timer') return event;
  const [first] = state._nodes.flatMap(node => node.after);
  return first === undefined ? null : ({ type: first.eventType } as unknown as Happening);
}

const LANGUAGES = ['en', 'zh-CN', 'zh-TW'] as const;

function expectTold(event: Happening, at: number, to: DurableState, idleAt: number | null): void {
  const seen = seenIn({ event: { ...event, at } as never, to });
  const next = nextOf({ to, idleAt, now: at });
  const sentences = [causeOf(seen), whyOf(seen), ...(next === null ? [] : [next.what])];
  for (const told of sentences.flatMap(each => LANGUAGES.map(language => tell(language, each)))) {
    // Four characters can be a sentence in Chinese.
    expect(told).toMatch(/^\S.{2,}\S$/u);
    expect(told).not.toMatch(/undefined|NaN|null|\[object|\bafter "/);
  }
  const shown = JSON.stringify([visibleEvent(seen.event), visibleContext(seen.context)]);
  expect(shown).not.toContain(FINGERPRINT);
  expect(shown).not.toContain('config-1');
}

describe('what is told of any record', () => {
  it('is a whole sentence in every language, and nothing of a config', () => {
    const life = fc.array(fc.tuple(happening, fc.nat(10_000)), { maxLength: 40 });
    const type = fc.constantFrom('OneShot' as const, 'Persistent' as const);
    fc.assert(
      fc.property(type, life, fc.option(fc.nat(1e6)), (serviceType, events, idleAt) => {
        let state = registered(serviceType);
        let at = 0;
        for (const [chosen, passed] of events) {
          at += passed;
          const event = resolved(state, chosen);
          if (event === null || state.status === 'done') continue;
          state = take(state, { ...event, at });
          expectTold(event, at, toDurable(state), idleAt);
        }
      }),
      { numRuns: 300 },
    );
  });
});
