/**
 * Reads a JSON-RPC message in its bytes: whether it is valid, which it is, and where the values stand that are replaced. That
 * is all that a call and its answer need, and a fraction of what parsing costs, for large messages above all.
 *
 * It takes what can be read in one way only, and leaves everything else to `parseMessage` of text.ts, which says what is
 * wrong or writes anew (invariant 8): a wanted key twice, escaped, or in another case; an id or a token that is no small whole
 * number or plain string; line breaks between tokens; and everything but requests and responses of the legacy era.
 */
import type { RpcId } from '../json-rpc.ts';
import { LOG_LEVEL_KEY, PROTOCOL_VERSION_KEY, SUBSCRIPTION_ID_KEY } from '../meta.ts';
import { goesByParams } from '../places.ts';
import { MAX_ID_LENGTH } from '../text.ts';
import { CLOSE_BRACE, COMMA, OPEN_BRACE, skipColon, skipSpace, skipValue } from './grammar.ts';
import { PlainRequest, PlainResponse } from './message.ts';
import { DOUBTFUL, OTHER, PlainNames } from './names.ts';
import { BACKSLASH, FAULT, QUOTE, skipString } from './strings.ts';

/** Of the message, of its `params`, of their `_meta`. */
const LEVELS = [
  new PlainNames('jsonrpc', 'id', 'method', 'params', 'result', 'error'),
  new PlainNames('_meta', 'name'),
  new PlainNames('progressToken', PROTOCOL_VERSION_KEY, LOG_LEVEL_KEY, SUBSCRIPTION_ID_KEY),
] as const;
/** Where the places of each level's names begin in one list of all. A tool's name is only looked for to be there once. */
const FIRST = [0, 6, 8] as const;
const [JSONRPC, ID, METHOD, PARAMS, RESULT, ERROR, META] = [0, 1, 2, 3, 4, 5, 6] as const;
const [TOKEN, MODERN_VERSION, MODERN_LEVEL, MODERN_SUBSCRIPTION] = [8, 9, 10, 11] as const;
/** For each name where its value begins, and where it ends. */
const UNSEEN: readonly number[] = new Array(2 * 12).fill(-1);
const VERSION = Buffer.from('"2.0"');
/** Of a number that is surely safe as an integer. */
const MAX_DIGITS = 15;
const ZERO = 0x30;
const LAST_ASCII = 0x7f;

type Level = 0 | 1 | 2;

/** The request in these bytes, which are UTF-8; null when it is not one of those that are taken. */
export function readPlainRequest(bytes: Buffer): PlainRequest | null {
  return readEnvelope(bytes)?.request() ?? null;
}

/** As `readPlainRequest`, for a response of a backend. */
export function readPlainResponse(bytes: Buffer): PlainResponse | null {
  return readEnvelope(bytes)?.response() ?? null;
}

function readEnvelope(bytes: Buffer): Reading | null {
  if (bytes[0] !== OPEN_BRACE) return null;
  const reading = new Reading(bytes);
  const end = reading.members(0, 0);
  return end !== FAULT && skipSpace(bytes, end) === bytes.length && reading.isVersion2() ? reading : null;
}

class Reading {
  readonly #bytes: Buffer;
  readonly #spans = UNSEEN.slice();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  has(place: number): boolean {
    return this.#start(place) !== -1;
  }

  /** Notes where the wanted members of the object that begins at `at` stand; its end, or FAULT, also where there is a doubt. */
  members(at: number, level: Level): number {
    const bytes = this.#bytes;
    let position = skipSpace(bytes, at + 1);
    if (bytes[position] === CLOSE_BRACE) return position + 1;
    for (;;) {
      position = this.#member(position, level);
      if (position === FAULT) return FAULT;
      position = skipSpace(bytes, position);
      if (bytes[position] === CLOSE_BRACE) return position + 1;
      if (bytes[position] !== COMMA) return FAULT;
      position = skipSpace(bytes, position + 1);
    }
  }

  isVersion2(): boolean {
    const start = this.#start(JSONRPC);
    if (start === -1 || this.#end(JSONRPC) - start !== VERSION.length) return false;
    for (let n = 0; n < VERSION.length; n++) if (this.#bytes[start + n] !== VERSION[n]) return false;
    return true;
  }

  request(): PlainRequest | null {
    const id = this.#scalar(ID);
    const method = this.#plainString(METHOD);
    if (id === null || method === null || this.has(RESULT) || this.has(ERROR)) return null;
    if (this.has(MODERN_VERSION) || this.has(MODERN_LEVEL) || this.has(MODERN_SUBSCRIPTION)) return null;
    if (goesByParams(method) || (this.has(TOKEN) && this.#scalar(TOKEN) === null)) return null;
    return new PlainRequest(id, method, {
      bytes: this.#bytes,
      idStart: this.#start(ID),
      idEnd: this.#end(ID),
      tokenStart: this.#start(TOKEN),
      tokenEnd: this.#end(TOKEN),
    });
  }

  response(): PlainResponse | null {
    const id = this.#scalar(ID);
    const failed = this.has(ERROR);
    if (typeof id !== 'number' || failed === this.has(RESULT) || this.has(METHOD)) return null;
    if (failed && this.#bytes[this.#start(ERROR)] !== OPEN_BRACE) return null;
    return new PlainResponse(id, failed, this.#bytes, this.#start(ID), this.#end(ID));
  }

  /** The end of the member whose key begins at `at`. */
  #member(at: number, level: Level): number {
    const bytes = this.#bytes;
    if (bytes[at] !== QUOTE) return FAULT;
    const keyEnd = skipString(bytes, at);
    if (keyEnd === FAULT) return FAULT;
    const found = LEVELS[level].find(bytes, at + 1, keyEnd - 1);
    const place = found < 0 ? found : FIRST[level] + found;
    if (place === DOUBTFUL || (place !== OTHER && this.has(place))) return FAULT;
    const start = skipColon(bytes, keyEnd);
    if (start === FAULT) return FAULT;
    const end = this.#value(start, level, place);
    if (place !== OTHER) {
      this.#spans[2 * place] = start;
      this.#spans[2 * place + 1] = end;
    }
    return end;
  }

  #value(at: number, level: Level, place: number): number {
    if (this.#bytes[at] === OPEN_BRACE) {
      if (place === PARAMS) return this.members(at, 1);
      if (place === META) return this.members(at, 2);
    }
    return skipValue(this.#bytes, at, level + 1);
  }

  /** An id or a token; null: there is none, or none that is surely safe to keep as it is. */
  #scalar(place: number): RpcId | null {
    const start = this.#start(place);
    if (start === -1) return null;
    return this.#bytes[start] === QUOTE
      ? this.#plainString(place)
      : this.#smallNumber(start, this.#end(place));
  }

  #smallNumber(start: number, end: number): number | null {
    if (end - start > MAX_DIGITS) return null;
    let number = 0;
    for (let at = start; at < end; at++) {
      const digit = (this.#bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return null;
      number = number * 10 + digit;
    }
    return number;
  }

  /** The string that stands there in ASCII without escapes; null: none does, or it is long. */
  #plainString(place: number): string | null {
    const bytes = this.#bytes;
    const start = this.#start(place);
    const end = this.#end(place);
    if (start === -1 || bytes[start] !== QUOTE || end - start > MAX_ID_LENGTH) return null;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === BACKSLASH || byte > LAST_ASCII) return null;
    }
    return bytes.toString('latin1', start + 1, end - 1);
  }

  #start(place: number): number {
    return this.#spans[2 * place] as number;
  }

  #end(place: number): number {
    return this.#spans[2 * place + 1] as number;
  }
}
