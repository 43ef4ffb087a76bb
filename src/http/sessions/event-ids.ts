/**
 * Ids of events on resumable streams: `<stream id>.<number>`, with an `e` behind the number of a stream's last event.
 *
 * A stream id says what the stream is (`g`: the standalone one, `c`: that of a call), has a random part, a tag that only
 * the same session's ids have, and for a call the id of its request. So an id of another session is refused without a
 * look-up, and a call whose events are lost can still be answered with an error (Streamable HTTP, "Resumability").
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import { isRpcId } from '../../backends/rpc/text.ts';

const NONCE_BYTES = 8;
/** Of a standalone stream's nonce, the first so many bytes are its ordinal. */
const ORDINAL_BYTES = 4;
const TAG_LENGTH = 8;
/** Longest encoded request id that is worth a place in every event id. */
const MAX_RPC_LENGTH = 180;
const SHAPE = /^([gc])([\w-]{11})([\w-]{8})([\w-]{0,180})\.(\d{1,15})(e?)$/;

/** A place in a stream of a session. */
export interface StreamPosition {
  readonly streamId: string;
  readonly kind: 'standalone' | 'call';
  /** The id of the call's request; null where there is none or it was too long. */
  readonly rpcId: RpcId | null;
  /** Number of the event; 0 is the priming event. */
  readonly n: number;
  /** The event was the stream's last. */
  readonly last: boolean;
}

/** A fresh id for the stream of the call with that request id. */
export function callStreamId(sessionId: string, rpcId: RpcId): string {
  const encoded = Buffer.from(JSON.stringify(rpcId)).toString('base64url');
  const rpc = encoded.length > MAX_RPC_LENGTH ? '' : encoded;
  return streamId(sessionId, 'c', randomBytes(NONCE_BYTES), rpc);
}

/**
 * A fresh id for a session's standalone stream, which is one for the client but has another id in each life of the
 * gateway. @param earlier ids of streams of the session that are still known: the fresh one sorts behind them
 */
export function standaloneStreamId(sessionId: string, earlier: Iterable<string>): string {
  let ordinal = 0;
  for (const id of earlier) ordinal = Math.max(ordinal, standaloneOrdinal(id) ?? 0);
  const nonce = randomBytes(NONCE_BYTES);
  nonce.writeUInt32BE(Math.min(ordinal + 1, 2 ** (8 * ORDINAL_BYTES) - 1));
  return streamId(sessionId, 'g', nonce, '');
}

/** Where a standalone stream stands among those of its session; null for the stream of a call. */
export function standaloneOrdinal(id: string): number | null {
  return id.startsWith('g') ? Buffer.from(id.slice(1, 12), 'base64url').readUInt32BE() : null;
}

function streamId(sessionId: string, kind: 'g' | 'c', nonce: Buffer, rpc: string): string {
  const name = `${kind}${nonce.toString('base64url')}`;
  return `${name}${tagOf(sessionId, `${name}${rpc}`)}${rpc}`;
}

export function eventId(streamId: string, n: number, last = false): string {
  return `${streamId}.${n}${last ? 'e' : ''}`;
}

/** null for whatever is not an id of an event of this session. */
export function readEventId(sessionId: string, text: string): StreamPosition | null {
  const [, kind, nonce, tag, rpc, n, last] = SHAPE.exec(text) ?? [];
  if (kind === undefined || nonce === undefined || tag === undefined || rpc === undefined) return null;
  const expected = tagOf(sessionId, `${kind}${nonce}${rpc}`);
  const rpcId = rpc === '' ? null : decodeRpcId(rpc);
  if (rpcId === undefined || !timingSafeEqual(Buffer.from(tag), Buffer.from(expected))) return null;
  return {
    streamId: `${kind}${nonce}${tag}${rpc}`,
    kind: kind === 'g' ? 'standalone' : 'call',
    rpcId,
    n: Number(n),
    last: last === 'e',
  };
}

/** undefined for what this gateway never wrote: whoever knows a session's id could make up tags for it. */
function decodeRpcId(encoded: string): RpcId | undefined {
  try {
    const id: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString());
    return isRpcId(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

function tagOf(sessionId: string, text: string): string {
  return createHmac('sha256', sessionId).update(text).digest('base64url').slice(0, TAG_LENGTH);
}
