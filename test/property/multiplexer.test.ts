import fc from 'fast-check';
import { describe, it } from 'vitest';
import { HostileWorld, IDS, TOKENS, URIS } from '../support/hostile-world.ts';

type Step = (world: HostileWorld) => void;

const who = fc.nat(2);
const any = fc.nat(40);
const id = fc.constantFrom(...IDS);
const token = fc.constantFrom(...TOKENS);
const uri = fc.constantFrom(...URIS);

/** Steps of one kind: what is drawn, and what is done with it. */
function step<T>(weight: number, drawn: fc.Arbitrary<T>, run: (world: HostileWorld, value: T) => void) {
  const arbitrary = drawn.map(
    (value): Step =>
      world =>
        run(world, value),
  );
  return { weight, arbitrary };
}

const nothing = fc.constant(null);
const subscription = fc.constantFrom('resources/subscribe', 'resources/unsubscribe');
// The ids that the backend knows a call by, too: a client may guess them.
const anyId = fc.oneof(id, fc.integer({ min: 2, max: 12 }));

const clientSteps = fc.oneof(
  step(5, fc.tuple(who, id, token), (world, [at, one, mine]) => world.request(at, one, 'tools/call', mine)),
  step(3, fc.tuple(who, id, subscription, uri), (world, [at, one, method, which]) =>
    world.request(at, one, method, null, which),
  ),
  step(1, fc.tuple(who, id), (world, [at, one]) => world.abandon(at, one)),
  step(2, fc.tuple(who, anyId), (world, [at, one]) => world.cancel(at, one)),
  step(2, fc.tuple(who, any), (world, [at, which]) => world.respond(at, which)),
  step(1, who, (world, at) => world.close(at)),
);
const backendSteps = fc.oneof(
  step(5, any, (world, at) => world.backend.answer(at)),
  step(3, any, (world, at) => world.progress(at)),
  step(2, fc.constantFrom('t', 1, 0), (world, one) => world.backend.progressUnder(one)),
  step(1, fc.constantFrom(1, 0, 'x', '2', 1e6), (world, one) => world.backend.answerMadeUp(one)),
  step(1, any, (world, at) => world.backend.tooLong(at)),
  step(1, nothing, world => world.log()),
  step(2, nothing, world => world.elicit()),
  step(2, uri, (world, which) => world.update(which)),
);
const time = step(1, fc.constantFrom(10, 300, 700), (world, ms) => world.advance(ms));

const steps = fc.array(
  fc.oneof({ weight: 8, arbitrary: clientSteps }, { weight: 8, arbitrary: backendSteps }, time),
  { maxLength: 60, size: 'max' },
);

describe('many sessions with equal ids, tokens and subscriptions over one hostile backend', () => {
  it('nothing crosses, and each request has one outcome (invariants 3, 8)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), steps, fc.boolean(), (sessions, list, lose) => {
        const world = new HostileWorld(sessions);
        for (const step of list) step(world);
        world.finish(lose);
      }),
      { numRuns: 400 },
    );
  });
});
