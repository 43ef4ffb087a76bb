/** The first question to a backend, by which a lane begins, and its answer. What is asked depends on the era. */

import { messageOf } from '../message-of.ts';
import type { Json, JsonObject } from '../store/event-log.ts';
import { type CallFailure, type Handshake, StartFailure } from './backend.ts';
import { errorText, INVALID_REQUEST, requestText, resultText } from './rpc/build.ts';
import type { RpcId } from './rpc/json-rpc.ts';
import { NotJsonRpc, type ParsedMessage, parseMessage } from './rpc/text.ts';
import { type Transport, type TransportEvents, TransportGone } from './transport.ts';

/** Not 0, which careless servers take for no id. The multiplexer's ids begin behind it; a second question has none of those. */
const FIRST_ID = 1;
const SECOND_ID = 'evergate-second-question';
/** Longest answer, in UTF-16 units: it is kept as long as the service is registered (invariant 10). */
const LONGEST_ANSWER = 1_048_576;
/** As much is kept of what comes behind the answer, in UTF-16 units; no call is under way yet that could miss the rest. */
const MOST_BEHIND = LONGEST_ANSWER;

export interface Answer {
  readonly result?: Json;
  readonly error?: Json;
}

/** What a backend is asked, and what its answer means. */
export interface Question {
  readonly method: string;
  readonly params: JsonObject;
  /** @throws {StartFailure} it is a refusal, or makes no sense */
  readonly read: (answer: Answer) => Handshake;
  /** What a remote makes of it that does not take the question at all. */
  readonly refused: (reason: string) => StartFailure;
  /** A message to send after a good answer; null: none. */
  readonly acknowledgement: string | null;
}

interface Waiting {
  readonly id: RpcId;
  readonly question: Question;
  readonly transport: Transport;
  readonly resolve: (handshake: Handshake) => void;
  readonly reject: (failure: StartFailure) => void;
}

/** Listens to a backend from its first byte until the handshake is done and somebody else listens. */
export class HandshakeExchange implements TransportEvents {
  readonly #onMoving: () => void;
  #waiting: Waiting | null = null;
  #nextId: RpcId = FIRST_ID;
  /** What came behind a good answer, for whoever listens next; null: there is none yet. */
  #behind: string[] | null = null;
  #lengthBehind = 0;
  #garbage = 0;

  /** `onMoving` is called for every byte: a start that moves is installing, not hung. */
  constructor(onMoving: () => void) {
    this.#onMoving = onMoving;
  }

  /** Lines so far that were no JSON-RPC message. */
  get garbage(): number {
    return this.#garbage;
  }

  /**
   * Performs the handshake. It has no time limit of its own. After a refusal a second question can be asked.
   * @throws {StartFailure} the backend refuses, answers nonsense or an unknown protocol version, or cannot be written to
   */
  perform(transport: Transport, question: Question): Promise<Handshake> {
    const id = this.#nextId;
    this.#nextId = SECOND_ID;
    return new Promise((resolve, reject) => {
      this.#waiting = { id, question, transport, resolve, reject };
      this.#send(this.#waiting, requestText(id, question.method, question.params));
    });
  }

  /** Hands on what came behind the answer, often in the same chunk with it; call it once the next one listens. */
  handOver(next: Pick<TransportEvents, 'onMessage'>): void {
    for (const text of this.#behind?.splice(0) ?? []) next.onMessage(text);
  }

  onMessage(text: string): void {
    if (this.#behind !== null) {
      this.#keep(text, this.#behind);
      return;
    }
    const parsed = this.#parse(text);
    const waiting = this.#waiting;
    if (parsed === null || waiting === null) return;
    const { message } = parsed;
    if (message.kind === 'response') {
      if (message.id === waiting.id) this.#answered(waiting, parsed);
    } else if (message.kind === 'request') {
      // Of a server's requests only `ping` is allowed before `initialized` (specification, lifecycle).
      const early = errorText(message.id, INVALID_REQUEST, 'the session is not initialized yet');
      this.#send(waiting, message.method === 'ping' ? resultText(message.id) : early);
    }
  }

  onOversized(): void {
    this.#garbage++;
  }

  onActivity(): void {
    this.#onMoving();
  }

  onFailed(id: RpcId | null, { kind, reason }: CallFailure): void {
    const waiting = this.#waiting;
    if (waiting === null || id !== waiting.id) return;
    this.#waiting = null;
    waiting.reject(kind === 'refused' ? waiting.question.refused(reason) : new StartFailure(reason));
  }

  #keep(text: string, behind: string[]): void {
    this.#lengthBehind += text.length;
    if (this.#lengthBehind <= MOST_BEHIND) behind.push(text);
  }

  #parse(text: string): ParsedMessage | null {
    try {
      return parseMessage(text);
    } catch (error) {
      if (!(error instanceof NotJsonRpc)) throw error;
      this.#garbage++;
      return null;
    }
  }

  #answered(waiting: Waiting, { message }: ParsedMessage): void {
    this.#waiting = null;
    const { method, read, acknowledgement } = waiting.question;
    const { length } = message.text;
    if (length > LONGEST_ANSWER) {
      const bound = `at most ${LONGEST_ANSWER} are taken`;
      waiting.reject(new StartFailure(`the backend answered ${method} with ${length} characters; ${bound}`));
      return;
    }
    try {
      const handshake = read(JSON.parse(message.text));
      this.#behind = [];
      if (acknowledgement === null || this.#send(waiting, acknowledgement)) waiting.resolve(handshake);
    } catch (error) {
      waiting.reject(error instanceof StartFailure ? error : new StartFailure(String(error)));
    }
  }

  #send({ transport, question, reject }: Waiting, text: string): boolean {
    try {
      transport.send(text);
      return true;
    } catch (error) {
      // `gone` resolves then, and tells why.
      if (error instanceof TransportGone) return false;
      const reason = messageOf(error);
      reject(new StartFailure(`the backend could not be written to during ${question.method}: ${reason}`));
      return false;
    }
  }
}
