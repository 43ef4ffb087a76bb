/**
 * Clients that lose connections and resume, calls that go on meanwhile, and restarts of the gateway, with or without a
 * crash, in any order: each event arrives once and in order, and none of another stream or session.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FakeCall } from '../support/fake-lane.ts';
import { type FrontApp, startFrontApp } from '../support/front-app.ts';
import { request, StreamableClient } from '../support/mcp-client.ts';
import { FollowedStream } from '../support/resuming-client.ts';
import { CuttableStores } from '../support/sessions.ts';

const CLIENTS = 2;
const whole = { crashed: false, cutOff: false };

interface Step {
  readonly do: 'call' | 'message' | 'result' | 'notify' | 'drop' | 'resume' | 'restart' | 'crash';
  readonly pick: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('call' as const, 'notify' as const) },
    { weight: 6, arbitrary: fc.constantFrom('message' as const, 'drop' as const, 'resume' as const) },
    { weight: 2, arbitrary: fc.constant('result' as const) },
    { weight: 1, arbitrary: fc.constantFrom('restart' as const, 'crash' as const) },
  ),
  pick: fc.nat(99),
});

/** What was once lost: an event of a standalone stream whose id had not reached its client when the next life began. */
const REGRESSIONS: Step[][] = [
  [
    { do: 'restart', pick: 0 },
    { do: 'resume', pick: 0 },
    { do: 'drop', pick: 0 },
    { do: 'notify', pick: 0 },
    { do: 'restart', pick: 0 },
  ],
];

/** One stream and what was sent on it. */
interface Followed {
  readonly stream: FollowedStream;
  readonly client: number;
  /** null: the standalone stream. */
  call: FakeCall | null;
  readonly id: number | null;
  readonly sent: string[];
  /** The gateway died meanwhile: what was not written yet may be missing. */
  crashed: boolean;
  /** The call was in flight when the gateway stopped or died. */
  cutOff: boolean;
}

class World {
  readonly #clients: StreamableClient[] = [];
  readonly #streams: Followed[] = [];
  #front: FrontApp;
  #stores: CuttableStores;
  #last = 0;

  private constructor(front: FrontApp, stores: CuttableStores) {
    this.#front = front;
    this.#stores = stores;
  }

  static async open(): Promise<World> {
    const stores = new CuttableStores();
    const world = new World(await startFrontApp({}, { stores }), stores);
    for (let n = 0; n < CLIENTS; n++) {
      const client = await new StreamableClient(world.#front.origin).open();
      world.#clients.push(client);
      const stream = new FollowedStream();
      stream.follow(await client.get());
      world.#streams.push({ stream, client: n, call: null, id: null, sent: [], ...whole });
    }
    return world;
  }

  async take({ do: what, pick }: Step): Promise<void> {
    const entry = this.#streams[pick % this.#streams.length];
    const open = this.#streams.filter(({ call }) => call !== null && !call.settled);
    const call = open[pick % open.length];
    if (what === 'call') await this.#call(pick % CLIENTS);
    else if (what === 'message' && call !== undefined) this.#message(call);
    else if (what === 'result' && call !== undefined) this.#result(call);
    else if (what === 'notify') this.#notify(pick % CLIENTS);
    else if (what === 'drop') await entry?.stream.drop();
    else if (what === 'resume' && entry !== undefined) await this.#resume(entry);
    else if (what === 'restart') await this.#restart(false);
    else if (what === 'crash') await this.#restart(true);
  }

  /** Answers what is open, resumes what is not over, and looks at what every client has received. */
  async close(): Promise<void> {
    for (const entry of this.#streams) if (entry.call?.settled === false) this.#result(entry);
    const [standalone, calls] = [this.#streams.slice(0, CLIENTS), this.#streams.slice(CLIENTS)];
    for (const entry of calls) await this.#finishCall(entry);
    for (const entry of standalone) await this.#finishStandalone(entry);
    this.#streams.forEach(check);
    await this.#front.close();
  }

  async #call(client: number): Promise<void> {
    const id = ++this.#last;
    const stream = new FollowedStream();
    const pending = this.#clientAt(client).post(request(id));
    const call = await this.#front.lane.calls.next();
    const entry = { stream, client, call, id, sent: [], ...whole };
    this.#streams.push(entry);
    this.#message(entry);
    stream.follow(await pending);
  }

  #message(entry: Followed): void {
    const params = { from: tagOf(entry), n: ++this.#last };
    entry.sent.push(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params }));
    entry.call?.message({ method: 'notifications/progress', params });
  }

  #result(entry: Followed): void {
    const result = { from: tagOf(entry) };
    entry.sent.push(JSON.stringify({ jsonrpc: '2.0', id: entry.id, result }));
    entry.call?.result(result);
  }

  /** On the standalone stream, if the session is on a lane in this life. */
  #notify(client: number): void {
    const entry = this.#streams[client];
    const { sessionId } = this.#clientAt(client);
    const session = this.#front.lane.sessions.find(({ port }) => port.id === sessionId);
    if (entry === undefined || session === undefined) return;
    const params = { from: tagOf(entry), n: ++this.#last };
    const text = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params });
    if (session.port.deliver(text)) entry.sent.push(text);
  }

  async #resume({ stream, client }: Followed): Promise<void> {
    if (!stream.over) await stream.resume(this.#clientAt(client));
  }

  /** The next life over the same stores; a crash loses what was not written. */
  async #restart(crash: boolean): Promise<void> {
    for (const entry of this.#streams) {
      await entry.stream.begun;
      entry.crashed ||= crash;
      entry.cutOff ||= entry.call?.settled === false;
    }
    if (crash) {
      const cut = this.#stores.cut();
      await this.#front.close();
      this.#stores = cut;
    } else await this.#front.close();
    for (const entry of this.#streams) {
      await entry.stream.drop();
      entry.call = null;
    }
    this.#front = await startFrontApp({}, { stores: this.#stores });
    this.#clients.forEach(({ sessionId }, n) => {
      const client = new StreamableClient(this.#front.origin);
      client.sessionId = sessionId;
      this.#clients[n] = client;
    });
  }

  async #finishCall({ stream, client }: Followed): Promise<void> {
    if (!stream.over) await stream.resume(this.#clientAt(client));
    await stream.ended;
    expect(stream.over).toBe(true);
  }

  /** A last message of its own shows that everything before it has come. */
  async #finishStandalone(entry: Followed): Promise<void> {
    const { stream, client } = entry;
    await stream.resume(this.#clientAt(client));
    this.#notify(client);
    await this.#clientAt(client).delete();
    await stream.ended;
    expect(stream.received.at(-1)).toBe(entry.sent.at(-1));
  }

  #clientAt(n: number): StreamableClient {
    const client = this.#clients[n];
    if (client === undefined) throw new Error(`no client ${n}`);
    return client;
  }
}

const tagOf = ({ client, id }: Followed) => `client ${client}, ${id === null ? 'standalone' : `call ${id}`}`;

function check(entry: Followed): void {
  const { stream, sent, crashed } = entry;
  const own = stream.received.filter(text => !isLoss(text, entry));
  if (!crashed) expect(own).toEqual(sent);
  // In order, each once, and nothing else: a subsequence of what was sent.
  let at = -1;
  for (const text of own) {
    const next = sent.indexOf(text);
    expect(next, `${text} of ${tagOf(entry)}`).toBeGreaterThan(at);
    at = next;
  }
  const outcomes = stream.received.filter(text => /"(result|error)":/.test(text));
  if (entry.id !== null) expect(outcomes.length).toBe(1);
}

/** The gateway's own error for a call whose outcome is lost. */
function isLoss(text: string, { id, crashed, cutOff }: Followed): boolean {
  const { id: of, error } = JSON.parse(text) as { id?: unknown; error?: { data?: { delivered?: unknown } } };
  return (crashed || cutOff) && of === id && error?.data?.delivered === true;
}

test('invariants 3 and 8: whatever breaks and resumes, each event comes once and in order, on its own stream', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async steps => {
      const world = await World.open();
      for (const next of steps) await world.take(next);
      await world.close();
    }),
    { numRuns: 60, examples: REGRESSIONS.map(steps => [steps]) },
  );
}, 120_000);
