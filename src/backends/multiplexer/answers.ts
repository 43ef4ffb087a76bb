/** What a backend says of the calls under way: it goes to the sink of the one that it names, and nowhere else (invariant 8). */
import { idText } from '../rpc/build.ts';
import {
  type LocatedText,
  locateResultSubscription,
  readHead,
  readTail,
  splice,
  valueAt,
} from '../rpc/places.ts';
import { type PlainResponse, textOf } from '../rpc/plain/message.ts';
import { type ParsedMessage, parseMessage } from '../rpc/text.ts';
import type { Call, CallBook } from './call-book.ts';
import type { Calls } from './calls.ts';
import type { CounterBook } from './counters.ts';
import type { Peers } from './peers.ts';

export class Answers {
  readonly #calls: Pick<Calls, 'take' | 'failTaken'>;
  readonly #book: CallBook;
  readonly #peers: Peers;
  readonly #counters: CounterBook;

  constructor(calls: Pick<Calls, 'take' | 'failTaken'>, book: CallBook, peers: Peers, counters: CounterBook) {
    this.#calls = calls;
    this.#book = book;
    this.#peers = peers;
    this.#counters = counters;
  }

  /** A response of the backend. */
  answer(parsed: ParsedMessage): void {
    const { message } = parsed;
    const id = message.kind === 'response' ? message.id : null;
    const call = typeof id === 'number' ? this.#calls.take(id) : undefined;
    if (call === undefined) this.#unknown(id);
    else this.#settle(call, parsed);
  }

  /** As `answer`, for a response that was read in its bytes. */
  answerPlain(response: PlainResponse): void {
    const call = this.#calls.take(response.id);
    if (call === undefined) this.#unknown(response.id);
    else if (call.listens) this.#settle(call, parseMessage(response.text));
    else {
      const { failed } = response;
      const answer = response.withId(idText(call.clientId));
      call.ended?.(failed ? 'refused' : 'answered');
      this.#peers.guard(() => {
        if (typeof answer === 'string' || call.sink.resultInPieces === undefined)
          call.sink.result(textOf(answer), failed);
        else call.sink.resultInPieces(answer, failed);
      });
    }
  }

  /** A `notifications/progress` of the backend. */
  progress(located: LocatedText): void {
    const token = valueAt(located.text, located.progressToken);
    const call = typeof token === 'number' ? this.#book.get(token) : undefined;
    const clientToken = call?.clientToken ?? null;
    if (call === undefined || clientToken === null) {
      this.#counters.dropped.unknownToken++;
      return;
    }
    const text = splice(located.text, [located.progressToken, clientToken]);
    this.#peers.guard(() => call.sink.message(text));
  }

  /**
   * A message of the backend was too long and skipped. Its call fails, if its head or its tail tells which it was, or if a single
   * call is under way that a response can belong to.
   */
  oversized(bytes: number, head: string, tail: string): void {
    const { responseId, isResponse } = readHead(head);
    const id =
      responseId ?? (isResponse ? readTail(tail) : null) ?? (isResponse ? this.#book.single?.id : null);
    const call = typeof id === 'number' ? this.#calls.take(id) : undefined;
    if (call === undefined) {
      this.#counters.dropped.oversized++;
      this.#late(id);
    } else
      this.#calls.failTaken(call, {
        kind: 'too large',
        reason: `the answer has ${bytes} bytes`,
        delivered: true,
      });
  }

  #unknown(id: unknown): void {
    this.#counters.dropped.unknownId++;
    this.#late(id);
  }

  /** An answer to a call that has ended here already. */
  #late(id: unknown): void {
    if (typeof id === 'number') this.#peers.stragglers.answered(id);
  }

  #settle(call: Call, { located, failed }: ParsedMessage): void {
    call.ended?.(failed ? 'refused' : 'answered');
    const theirs = idText(call.clientId);
    const subscription = call.listens ? locateResultSubscription(located) : undefined;
    const text = splice(located.text, [located.id, theirs], [subscription, theirs]);
    this.#peers.guard(() => call.sink.result(text, failed));
  }
}
