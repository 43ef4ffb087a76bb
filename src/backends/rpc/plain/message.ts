/** Messages that were read in their bytes, and what becomes of them when their ids are replaced. */
import type { RpcId, RpcRequest } from '../json-rpc.ts';

/** From that size on a message stays in its bytes; shorter ones are cheaper to handle as text. */
const LONG_BYTES = 16_384;

/** Where the values of a request stand in its bytes, each from its start up to its end; −1 for what there is not. */
export interface PlainPlaces {
  readonly bytes: Buffer;
  readonly idStart: number;
  readonly idEnd: number;
  /** `params._meta.progressToken` */
  readonly tokenStart: number;
  readonly tokenEnd: number;
}

/** A message without a line break, on its way out: as text, or in pieces. */
export type Outgoing = string | readonly Buffer[];

/**
 * A request that `readPlainRequest` took. Its text is made only for who asks for it. Text and bytes are no properties of its
 * own, so a copy that is given another text does not have the bytes of this one.
 */
export class PlainRequest implements RpcRequest {
  readonly kind = 'request';
  readonly id: RpcId;
  readonly method: string;
  readonly #plain: PlainPlaces;

  constructor(id: RpcId, method: string, plain: PlainPlaces) {
    this.id = id;
    this.method = method;
    this.#plain = plain;
  }

  get plain(): PlainPlaces {
    return this.#plain;
  }

  get text(): string {
    return this.#plain.bytes.toString();
  }
}

/** A response of a backend that `readPlainResponse` took, to a request of the gateway. */
export class PlainResponse {
  readonly id: number;
  /** It is an error. */
  readonly failed: boolean;
  readonly #bytes: Buffer;
  readonly #idStart: number;
  readonly #idEnd: number;

  constructor(id: number, failed: boolean, bytes: Buffer, idStart: number, idEnd: number) {
    this.id = id;
    this.failed = failed;
    this.#bytes = bytes;
    this.#idStart = idStart;
    this.#idEnd = idEnd;
  }

  get text(): string {
    return this.#bytes.toString();
  }

  /** With another id, as JSON. */
  withId(id: string): Outgoing {
    return replaced(this.#bytes, this.#idStart, this.#idEnd, id);
  }
}

/** The request with another id, as JSON, in place of its own and of its progress token, if it has one. */
export function withId(places: PlainPlaces, id: string): Outgoing {
  const { bytes, idStart, idEnd, tokenStart, tokenEnd } = places;
  if (tokenStart === -1) return replaced(bytes, idStart, idEnd, id);
  return idStart < tokenStart
    ? replacedTwice(bytes, idStart, idEnd, tokenStart, tokenEnd, id)
    : replacedTwice(bytes, tokenStart, tokenEnd, idStart, idEnd, id);
}

/** The progress token of a request, as JSON; null when it has none. */
export function tokenText({ bytes, tokenStart, tokenEnd }: PlainPlaces): string | null {
  return tokenStart === -1 ? null : bytes.toString('latin1', tokenStart, tokenEnd);
}

/** As text, for whoever takes no pieces. */
export function textOf(message: Outgoing): string {
  return typeof message === 'string' ? message : Buffer.concat(message).toString();
}

export function byteLength(message: Outgoing): number {
  if (typeof message === 'string') return Buffer.byteLength(message);
  let bytes = 0;
  for (const piece of message) bytes += piece.length;
  return bytes;
}

function replaced(bytes: Buffer, start: number, end: number, value: string): Outgoing {
  if (bytes.length < LONG_BYTES)
    return bytes.toString('utf8', 0, start) + value + bytes.toString('utf8', end);
  return [bytes.subarray(0, start), Buffer.from(value), bytes.subarray(end)];
}

function replacedTwice(
  bytes: Buffer,
  start: number,
  end: number,
  nextStart: number,
  nextEnd: number,
  value: string,
): Outgoing {
  if (bytes.length < LONG_BYTES) {
    const between = bytes.toString('utf8', end, nextStart);
    return bytes.toString('utf8', 0, start) + value + between + value + bytes.toString('utf8', nextEnd);
  }
  const ours = Buffer.from(value);
  return [bytes.subarray(0, start), ours, bytes.subarray(end, nextStart), ours, bytes.subarray(nextEnd)];
}
