/**
 * Many sessions on both fronts of one service, in any order of calls, answers, messages in between, hang-ups, ends of
 * sessions and losses of the backend.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeLane } from '../support/fake-lane.ts';
import { type FrontApp, startFrontApp } from '../support/front-app.ts';
import {
  type Actor,
  type Call,
  httpSseActor,
  type Message,
  streamableActor,
} from '../support/front-world.ts';

const ACTORS = 4;

interface Step {
  readonly do: 'call' | 'answer' | 'progress' | 'fail' | 'hang up' | 'end' | 'restart';
  readonly pick: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { weight: 6, arbitrary: fc.constant('call' as const) },
    { weight: 4, arbitrary: fc.constantFrom('answer' as const, 'progress' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom('fail' as const, 'hang up' as const, 'end' as const, 'restart' as const),
    },
  ),
  pick: fc.nat(99),
});

class World {
  readonly #front: FrontApp;
  readonly #lanes: FakeLane[];
  /** Every call ever made, with its client; true where the client waits for its outcome no longer. */
  readonly #calls: { readonly call: Call; readonly actor: Actor; abandoned: boolean }[] = [];
  readonly #actors: Actor[] = [];
  readonly #ended: Actor[] = [];

  constructor(front: FrontApp) {
    this.#front = front;
    this.#lanes = [front.lane];
  }

  async open(): Promise<void> {
    const lastCall = () => this.#lane.calls.next();
    for (let n = 0; n < ACTORS; n++) {
      const open = n % 2 === 0 ? streamableActor : httpSseActor;
      this.#actors.push(await open(this.#front, `actor-${n}`, lastCall));
    }
  }

  async take({ do: what, pick }: Step): Promise<void> {
    const actor = this.#actors[pick % this.#actors.length];
    const open = this.#calls.filter(({ call }) => !call.fake.settled);
    const entry = open[pick % open.length];
    if (what === 'call' && actor !== undefined) {
      this.#calls.push({ call: await actor.call(), actor, abandoned: false });
    } else if (what === 'end' && actor !== undefined) await this.#end(actor);
    else if (what === 'restart') this.#restart(pick);
    else if (what === 'hang up') await this.#hangUp(pick);
    else if (entry !== undefined) touch(what, entry.call);
  }

  /** Answers what is open, closes the gateway and checks what everybody has seen. */
  async close(): Promise<void> {
    for (const { call } of this.#calls) if (!call.fake.settled) call.fake.result({ tag: call.tag });
    for (const { call, actor, abandoned } of this.#calls) {
      if (call.reply !== null && !abandoned) checkReply(call, actor, await call.reply);
    }
    const closed = this.#front.server.close();
    for (const actor of [...this.#actors, ...this.#ended]) this.#checkStream(actor, await actor.streamed);
    await closed;
    expect(this.#front.fronts.sessions).toBe(0);
    expect(this.#lanes.map(lane => lane.load)).toEqual(this.#lanes.map(() => 0));
  }

  get #lane(): FakeLane {
    return this.#lanes.at(-1) ?? this.#front.lane;
  }

  async #end(actor: Actor): Promise<void> {
    if (this.#actors.length === 1) return;
    this.#actors.splice(this.#actors.indexOf(actor), 1);
    this.#ended.push(actor);
    for (const entry of this.#calls)
      if (entry.actor === actor && entry.call.reply === null) entry.abandoned = true;
    await actor.end();
  }

  async #hangUp(pick: number): Promise<void> {
    const open = this.#calls.filter(({ call, abandoned }) => !call.fake.settled && !abandoned);
    const entry = open[pick % open.length];
    if (entry === undefined || entry.call.hangUp === null) return;
    entry.abandoned = true;
    await entry.call.hangUp();
  }

  #restart(pick: number): void {
    this.#lane.lose();
    const lane = new FakeLane({ generation: this.#lanes.length + 1 });
    lane.failsOnClose = pick % 2 === 0;
    this.#lanes.push(lane);
    this.#front.services.admission = () => (pick % 3 === 0 ? lane : Promise.resolve(lane));
  }

  #checkStream(actor: Actor, messages: Message[]): void {
    expect(messages.filter(message => !bears(message, actor.name))).toEqual([]);
    for (const { call, actor: owner, abandoned } of this.#calls) {
      if (owner !== actor || call.reply !== null) continue;
      const outcomes = messages.filter(message => message.id === call.id && isOutcome(message));
      if (abandoned) expect(outcomes.length).toBeLessThanOrEqual(1);
      else expect(outcomes.length).toBe(1);
    }
  }
}

function touch(what: 'answer' | 'progress' | 'fail' | 'call' | 'end', { fake, tag }: Call): void {
  if (what === 'answer') fake.result({ tag });
  else if (what === 'fail') fake.fail({ kind: 'timeout', reason: tag, delivered: true });
  else if (what === 'progress') {
    fake.message({ method: 'notifications/progress', params: { tag } });
    fake.session.port.deliver(
      JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { tag } }),
    );
  }
}

function checkReply(call: Call, actor: Actor, messages: Message[]): void {
  expect(messages.filter(message => !bears(message, actor.name))).toEqual([]);
  expect(messages.filter(isOutcome).map(({ id }) => id)).toEqual([call.id]);
}

function isOutcome(message: Message): boolean {
  return 'result' in message || 'error' in message;
}

/** True when the message bears the client's name, or no name at all: the gateway's own errors. */
function bears(message: Message, name: string): boolean {
  const names: string[] = JSON.stringify(message).match(/actor-\d/g) ?? [];
  return names.every(found => found === name);
}

test('invariants 3 and 8: each call a client waits for has one outcome, and nothing crosses', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async steps => {
      const front = await startFrontApp();
      try {
        const world = new World(front);
        await world.open();
        for (const next of steps) await world.take(next);
        await world.close();
      } finally {
        await front.close();
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);
