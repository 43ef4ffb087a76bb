import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src/actors/machine/backoff.ts';
import type { ServiceSnapshot } from '../../../src/actors/replay.ts';
import {
  at,
  failed,
  finished,
  type Happening,
  lost,
  permitted,
  policy,
  registered,
  restart,
  scenes,
  spawned,
  start,
  succeeded,
  take,
  timer,
} from '../../support/machine-fixtures.ts';

const later = (event: Happening, when: number) => ({ ...event, at: when }) as Happening;
const dueIn = ({ context }: ServiceSnapshot) => (context.dueAt ?? Number.NaN) - context.since;
const patient = () => take(registered('Persistent', { maxStartFailures: 1_000_000 }), start, permitted);
const overTheCooldown = (state: ServiceSnapshot) => take(state, timer(state, state.context.dueAt ?? 0));

/** Ready since 0 after one failed start. */
function readyAfterFailure(): ServiceSnapshot {
  const cooling = scenes.CoolingDown('Persistent');
  return take(overTheCooldown(cooling), permitted, spawned, succeeded);
}

describe('backoff between restarts (invariant 5)', () => {
  it('the cooldown doubles with every failed start in a row, up to its bound', () => {
    const cooldowns: number[] = [];
    let state = patient();
    for (let failure = 1; failure <= 6; failure++) {
      const cooling = take(state, failed);
      cooldowns.push(dueIn(cooling));
      state = take(overTheCooldown(cooling), permitted);
    }
    expect(cooldowns).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('the cooldown stays a number after any number of failures, without a cooldown too', () => {
    for (const cooldownMs of [0, 1000]) {
      const before = patient();
      const many = {
        ...before,
        context: { ...before.context, failures: 5000, policy: { ...before.context.policy, cooldownMs } },
      };
      expect(dueIn(take(many, failed))).toBe(cooldownMs * 8);
    }
  });

  it('a Persistent service is Ended when its start failures are used up', () => {
    const last = scenes.Failed('Persistent');
    expect([at(last), last.context.failures]).toEqual(['Ended.Failed', policy.maxStartFailures]);
    expect(last.context.dueAt).toBeNull();
  });

  it('losing the backend within its cooldown counts as a failure and is owed a cooldown', () => {
    const cooling = take(scenes.Ready('Persistent'), later(lost, 1000), later(finished, 1200));
    expect(at(cooling)).toBe('CoolingDown');
    expect(cooling.context).toMatchObject({ failures: 1, dueAt: 2000 });
  });

  it('a teardown that outlasts the cooldown leaves nothing to wait for', () => {
    const over = take(scenes.Ready('Persistent'), later(lost, 100), later(finished, 1100));
    expect([at(over), over.context.failures]).toEqual(['Pending.Queued', 1]);
  });

  it('a backend that never stays up uses the failures up too', () => {
    let state = take(registered('Persistent'), start);
    for (let failure = 1; failure < policy.maxStartFailures; failure++) {
      state = overTheCooldown(take(state, permitted, succeeded, lost, finished));
      expect(at(state)).toBe('Pending.Queued');
    }
    expect(at(take(state, permitted, succeeded, lost, finished))).toBe('Ended.Failed');
  });

  it('a backend that outlasted its cooldown is restarted at once, but its failures are not forgotten', () => {
    const ready = readyAfterFailure();
    const since = ready.context.since;
    const over = take(ready, later(lost, since + 2001), finished);
    expect([at(over), over.context.failures]).toEqual(['Pending.Queued', 1]);
  });

  it('the failures are forgotten after stableAfterMs of Ready, and not by a start that succeeds', () => {
    const ready = readyAfterFailure();
    expect(ready.context.failures).toBe(1);
    const stable = take(ready, timer(ready, ready.context.since + policy.stableAfterMs));
    expect([at(stable), stable.context.failures]).toEqual(['Ready.Healthy', 0]);
  });

  it('a probe that goes unanswered does not forget or add failures', () => {
    const ready = readyAfterFailure();
    const suspect = take(ready, { type: 'probe failed', reason: 'no answer', decisive: false });
    expect(suspect.context.failures).toBe(1);
  });

  it('a restart that was asked for neither waits nor counts as a failure', () => {
    const over = take(scenes.Ready('Persistent'), restart, finished);
    expect([at(over), over.context.failures, over.context.restarts]).toEqual(['Pending.Queued', 0, 0]);
  });

  it('the gateway restarting neither shortens nor prolongs a cooldown that is owed', () => {
    const unhealthy = take(scenes.Ready('Persistent'), later(lost, 500));
    const cooling = take(unhealthy, later({ type: 'gateway restarted', warmup: 'gated' }, 700));
    expect(at(cooling)).toBe('CoolingDown');
    expect(cooling.context.dueAt).toBe(1500);
  });
});

describe('jitter (invariant 5)', () => {
  const chancy = (event: Happening, chance: number) => ({ ...event, chance }) as Happening;
  const jittery = (changes = {}) =>
    take(registered('Persistent', { jitter: 0.5, ...changes }), start, permitted);

  it('the chance that comes with a failed start lengthens its cooldown by up to the jitter', () => {
    const due = [0, 0.5, 0.999].map(chance => dueIn(take(jittery(), chancy(failed, chance))));
    expect(due).toEqual([1000, 1250, 1500]);
  });

  it('so does the chance that comes with a loss, a probe that was the last straw included', () => {
    const ready = take(jittery(), succeeded);
    expect(take(ready, chancy(lost, 0.5)).context.dueAt).toBe(1250);
    const straw: Happening = { type: 'probe failed', reason: 'no answer', decisive: true };
    expect(take(ready, chancy(straw, 0.5)).context.dueAt).toBe(1250);
  });

  it('an event without a chance leaves the cooldown as it is', () => {
    expect(dueIn(take(jittery(), failed))).toBe(1000);
  });

  it('whether a loss counts as a failure is not left to chance', () => {
    const ready = take(jittery(), succeeded);
    const after = (when: number) => take(ready, chancy(later(lost, when), 0.9)).context.failures;
    expect([after(1000), after(1001)]).toEqual([1, 0]);
  });

  it('services that failed together come back apart at the longest cooldown, too', () => {
    const many = jittery({ maxStartFailures: 1_000_000 });
    const worn = { ...many, context: { ...many.context, failures: 50 } };
    const due = [0, 0.25, 0.5, 0.75].map(chance => dueIn(take(worn, chancy(failed, chance))));
    expect(due).toEqual([5333, 6000, 6667, 7333]);
  });

  it('a cooldown is never shorter than the first, nor longer than the longest, and at most the jitter longer than without', () => {
    const ms = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    const portion = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        ms,
        ms,
        portion,
        portion,
        fc.integer({ min: 1, max: 5000 }),
        (a, b, jitter, chance, failures) => {
          const [cooldownMs, cooldownMaxMs] = a < b ? [a, b] : [b, a];
          const chancyPolicy = { ...policy, cooldownMs, cooldownMaxMs, jitter };
          const waitMs = backoffMs(chancyPolicy, failures, chance);
          const shortestMs = backoffMs(chancyPolicy, failures);
          const plainMs = backoffMs({ ...chancyPolicy, jitter: 0 }, failures);
          expect(waitMs).toBeGreaterThanOrEqual(cooldownMs);
          expect(waitMs).toBeLessThanOrEqual(cooldownMaxMs);
          expect(waitMs).toBeGreaterThanOrEqual(shortestMs);
          expect(waitMs).toBeLessThanOrEqual(Math.ceil(plainMs * (1 + jitter)));
        },
      ),
    );
  });
});
