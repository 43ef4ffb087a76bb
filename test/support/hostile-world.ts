/** Sessions with equal ids, tokens and subscriptions over a hostile backend, and what each of them may see. */
import { expect } from 'vitest';
import { HostileBackend } from './hostile-backend.ts';
import { type Message, multiplexerRig, RecordingSink, type TestSession } from './multiplexer.ts';

export const IDS = [1, '1', 2, 'x'] as const;
export const TOKENS = [null, 't', 1, 0] as const;
export const URIS = ['u', 'v'] as const;

interface Made {
  readonly client: Client;
  readonly id: string | number;
  readonly marker: string;
  readonly token: string | number | null;
  readonly sink: RecordingSink;
  abandoned: boolean;
  /** Clock time in ms at which it was seen to have ended; null: not yet. */
  endedAt: number | null;
}

interface Client {
  readonly name: string;
  readonly session: TestSession;
  /** URIs it has asked for, each with the requests that did. */
  readonly wanted: Map<string, Made[]>;
  open: boolean;
}

const REQUEST_TIMEOUT_MS = 1_000;

export class HostileWorld {
  readonly rig = multiplexerRig({ requestTimeoutMs: REQUEST_TIMEOUT_MS, maxServerRequests: 3 });
  readonly backend = new HostileBackend(this.rig.transport, this.rig.multiplexer);
  readonly clients: Client[] = [];
  readonly #current: Client[] = [];
  readonly #made: Made[] = [];
  #count = 0;

  constructor(sessions: number) {
    for (let at = 0; at < sessions; at++) this.#open(at);
  }

  #open(at: number): void {
    const name = `s${this.clients.length}`;
    // Not all can own a request of the backend.
    const session = this.rig.session(name, at === 0 ? {} : { elicitation: {} });
    const client = { name, session, wanted: new Map(), open: true };
    this.clients.push(client);
    this.#current[at] = client;
  }

  #client(at: number): Client {
    const client = this.#current[at % this.#current.length];
    if (client === undefined) throw new Error('no client');
    return client;
  }

  request(at: number, id: Made['id'], method: string, token: Made['token'], uri?: string): void {
    const client = this.#client(at);
    const marker = `m${++this.#count}`;
    const made = { client, id, marker, token, sink: new RecordingSink(), abandoned: false, endedAt: null };
    const busy = this.#underWay(client, id) !== undefined;
    this.#made.push(made);
    const _meta = token === null ? {} : { progressToken: token };
    client.session.say({ id, method, params: { marker, uri, _meta } }, made.sink);
    if (uri === undefined || busy) return;
    if (method === 'resources/subscribe') client.wanted.set(uri, [...(client.wanted.get(uri) ?? []), made]);
    else client.wanted.delete(uri);
  }

  #underWay(client: Client, id: Made['id']): Made | undefined {
    return this.#made.find(one => one.client === client && one.id === id && !hasEnded(one));
  }

  /** The clients that the backend works for: it has not answered them, and has not been late for as long as it may take. */
  #workedFor(): Client[] {
    const now = this.rig.clock.now();
    const owed = this.backend.received.filter(({ id }) => !this.backend.answered.has(id));
    const markers = new Set(owed.map(({ params }) => params?.marker));
    const made = this.#made.filter(
      one => markers.has(one.marker) && now < (one.endedAt ?? now) + REQUEST_TIMEOUT_MS,
    );
    return [...new Set(made.map(({ client }) => client))];
  }

  abandon(at: number, id: Made['id']): void {
    const client = this.#client(at);
    const made = this.#underWay(client, id);
    if (made !== undefined) made.abandoned = true;
    client.session.lane.abandon(id);
  }

  cancel(at: number, requestId: string | number): void {
    const client = this.#client(at);
    const before = this.rig.transport.sent.length;
    client.session.say({ method: 'notifications/cancelled', params: { requestId } });
    for (const { method, params } of this.rig.transport.sent.slice(before)) {
      if (method !== 'notifications/cancelled') continue;
      const cancelled = this.backend.received.find(one => one.id === params?.requestId);
      const made = this.#made.find(({ marker }) => marker === cancelled?.params?.marker);
      expect(made?.client, 'only its own call is cancelled (invariant 8)').toBe(client);
    }
  }

  close(at: number): void {
    const client = this.#client(at);
    client.session.lane.close();
    client.open = false;
    const asked = this.#heard(client).filter(({ method }) => method === 'elicitation/create');
    const answered = this.backend.answers.map(({ id }) => id);
    for (const { params } of asked) expect(answered).toContain(params?.backendId);
    this.#open(at % this.#current.length);
  }

  /** A client answers a request that any client was asked. */
  respond(at: number, which: number): void {
    const asked = this.clients
      .flatMap(client => this.#heard(client))
      .filter(({ method }) => method === 'elicitation/create');
    const { id, params } = asked[which % asked.length] ?? { id: 'nothing', params: {} };
    const { name, session } = this.#client(at);
    session.say({ id, result: { by: name, backendId: params?.backendId } });
  }

  log(): void {
    const open = this.clients.filter(client => client.open);
    const busy = open.filter(client => IDS.some(id => this.#underWay(client, id) !== undefined));
    const meant = new Set([...(busy.length > 0 ? busy : open), ...this.#workedFor()]);
    const marker = this.backend.log();
    expect(this.#hearers(marker), 'only who alone can be meant (invariant 8)').toEqual(
      meant.size === 1 ? [...meant].filter(client => client.open) : [],
    );
  }

  elicit(): void {
    const marker = this.backend.elicit();
    const hearers = this.#hearers(marker);
    expect(hearers.length).toBeLessThanOrEqual(1);
    for (const client of hearers.length > 0 ? this.#workedFor() : [])
      expect(hearers, 'not who it cannot have been for (invariant 8)').toEqual([client]);
    for (const { session } of hearers) expect(session.id).not.toBe('s0');
  }

  /** The backend reports progress on any call it ever got; one that is under way and wants it hears of it. */
  progress(at: number): void {
    const marker = this.backend.progress(at);
    const made = this.#made.find(one => one.marker === marker);
    if (made === undefined || made.token === null || this.#underWay(made.client, made.id) !== made) return;
    expect(made.sink.messages.at(-1)).toMatchObject({ params: { marker } });
  }

  update(uri: string): void {
    const marker = this.backend.update(uri);
    const hearers = new Set(this.#hearers(marker));
    for (const client of this.clients) {
      const attempts = client.open ? (client.wanted.get(uri) ?? []) : [];
      const confirmed = attempts.some(({ sink: { outcomes } }) => outcomes.some(one => 'result' in one));
      const failed =
        !confirmed && attempts.every(({ abandoned, sink }) => abandoned || sink.outcomes.length > 0);
      if (confirmed) expect(this.backend.subscribed).toContain(uri);
      if (failed) expect(hearers).not.toContain(client);
      if (confirmed) expect(hearers).toContain(client);
    }
  }

  advance(ms: number): void {
    this.#noteEnds();
    this.rig.clock.increment(ms);
    this.#noteEnds();
  }

  #noteEnds(): void {
    for (const made of this.#made) if (hasEnded(made)) made.endedAt ??= this.rig.clock.now();
  }

  #heard({ session }: Client): Message[] {
    const mine = this.#made.filter(({ client }) => client.session === session);
    return [...session.delivered, ...mine.flatMap(({ sink }) => sink.messages)];
  }

  #hearers(marker: string): Client[] {
    return this.clients.filter(client => this.#heard(client).some(({ params }) => params?.marker === marker));
  }

  /** Ends it all, by the loss of the backend or by the clock, and looks at what everybody got. */
  finish(lose: boolean): void {
    if (lose) this.rig.multiplexer.lose({ message: 'gone' });
    else this.advance(REQUEST_TIMEOUT_MS);
    for (const made of this.#made) this.#checkOutcome(made);
    if (!lose) {
      for (const { session } of this.clients) session.lane.close();
      this.#checkAnswers();
      this.advance(REQUEST_TIMEOUT_MS);
      expect(this.rig.multiplexer.load).toBe(0);
      expect([...this.backend.subscribed]).toEqual([]);
    }
    expect(this.rig.faults).toEqual([]);
  }

  #checkOutcome({ id, marker, token, sink, abandoned }: Made): void {
    expect(sink.outcomes, `${marker}: one outcome (invariant 3)`).toHaveLength(abandoned ? 0 : 1);
    for (const outcome of sink.outcomes) {
      if ('kind' in outcome) continue;
      expect(outcome.id).toBe(id);
      if (outcome.result === undefined) continue;
      // What is answered without the backend has no marker.
      expect([undefined, marker]).toContain((outcome.result as { marker?: string }).marker);
    }
    for (const { method, params } of sink.messages) {
      if (method !== 'notifications/progress') continue;
      expect(params, 'progress of its own (invariant 8)').toMatchObject({ marker, progressToken: token });
    }
  }

  /** Each request of the backend has one answer, and only from the session that was asked. */
  #checkAnswers(): void {
    expect(new Set(this.backend.answers.map(({ id }) => id))).toEqual(this.backend.asking);
    expect(this.backend.answers).toHaveLength(this.backend.asking.size);
    for (const { id, result } of this.backend.answers) {
      if (result === undefined) continue;
      const { by, backendId } = result as { by: string; backendId: unknown };
      expect(backendId).toBe(id);
      const asked = this.clients.find(client =>
        this.#heard(client).some(({ params }) => params?.backendId === id),
      );
      expect(by, 'answered by its owner (invariant 8)').toBe(asked?.name);
    }
  }
}

function hasEnded({ abandoned, sink }: Made): boolean {
  return abandoned || sink.outcomes.length > 0;
}
