/**
 * A backend that answers late, twice, out of order, and under ids and tokens that are not under way. What it says about a
 * request carries that request's marker, so that a test sees where it ends up.
 */
import type { Multiplexer } from '../../src/backends/multiplexer/multiplexer.ts';
import { hear } from './multiplexer.ts';
import type { ScriptedTransport, Sent } from './scripted-transport.ts';

type Received = Sent & { readonly id: number };

export class HostileBackend {
  /** Every request it ever got; it answers any of them, any number of times. */
  readonly received: Received[] = [];
  /** Ids of those it has answered; it works on all others, cancelled or not. */
  readonly answered = new Set<string | number>();
  readonly subscribed = new Set<string>();
  /** Its own requests without an answer, and all the answers it got. */
  readonly asking = new Set<string | number>();
  readonly answers: Sent[] = [];
  readonly #multiplexer: Multiplexer;
  #said = 0;

  constructor(transport: ScriptedTransport, multiplexer: Multiplexer) {
    this.#multiplexer = multiplexer;
    transport.onSend = message => this.#take(message);
  }

  #take(message: Sent): void {
    const { id, method, params } = message;
    if (id === undefined) return;
    if (method === undefined) {
      this.answers.push(message);
      return;
    }
    if (typeof id !== 'number') throw new Error(`an id that is no integer: ${id}`);
    this.received.push({ ...message, id });
    if (method === 'resources/subscribe') this.subscribed.add(String(params?.uri));
    if (method === 'resources/unsubscribe') this.subscribed.delete(String(params?.uri));
  }

  #say(message: object): void {
    hear(this.#multiplexer, JSON.stringify({ jsonrpc: '2.0', ...message }));
  }

  answer(at: number): void {
    const { id, params } = this.received[at % this.received.length] ?? { id: 1, params: {} };
    this.answered.add(id);
    this.#say({ result: { marker: params?.marker }, id });
  }

  answerMadeUp(id: string | number): void {
    this.#say({ id, result: { marker: 'made up' } });
  }

  tooLong(at: number): void {
    const { id } = this.received[at % this.received.length] ?? { id: 1 };
    this.answered.add(id);
    this.#multiplexer.onOversized(1e9, `{"jsonrpc":"2.0","id":${id},"result":"${'x'.repeat(50)}`, '');
  }

  /** Returns the marker of the call it is about. */
  progress(at: number): unknown {
    const { params } = this.received[at % this.received.length] ?? {};
    const progressToken = params?._meta?.progressToken ?? 1;
    this.#say({ method: 'notifications/progress', params: { progressToken, marker: params?.marker } });
    return params?.marker;
  }

  /** Progress under a token that some client chose. */
  progressUnder(progressToken: string | number): void {
    this.#say({ method: 'notifications/progress', params: { progressToken, marker: 'made up' } });
  }

  /** Returns the marker it carries. */
  log(): string {
    const marker = `log-${++this.#said}`;
    this.#say({ method: 'notifications/message', params: { level: 'info', marker } });
    return marker;
  }

  elicit(): string {
    const marker = `elicit-${++this.#said}`;
    const id = this.#said % 2 === 0 ? this.#said : marker;
    this.asking.add(id);
    this.#say({ id, method: 'elicitation/create', params: { marker, backendId: id } });
    return marker;
  }

  update(uri: string): string {
    const marker = `update-${++this.#said}`;
    this.#say({ method: 'notifications/resources/updated', params: { uri, marker } });
    return marker;
  }
}
