/** What a message on its way to a remote is, as far as HTTP has to know. */
import { isVersionText } from '../protocol-versions.ts';
import type { RpcId } from '../rpc/json-rpc.ts';
import { PROTOCOL_VERSION_KEY } from '../rpc/meta.ts';
import { readHead, valueAt } from '../rpc/places.ts';
import { findMembers, Names } from '../rpc/scan.ts';
import { isRpcId } from '../rpc/text.ts';

export interface Outgoing {
  readonly text: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** null: a response. */
  readonly method: string | null;
  /** Id of a request; null for messages that have no answer. */
  readonly id: RpcId | null;
  /** The request that this `notifications/cancelled` takes back; null for other messages. */
  readonly cancels: RpcId | null;
  /** The version that a message of the modern era names in its `_meta`; null in the legacy era, and for what is no version. */
  readonly modernVersion: string | null;
  /** `params.name`, or `params.uri` if there is none. */
  readonly name: string | null;
  /** The trace it belongs to, as its `_meta` says; unchecked. */
  readonly traceparent: string | null;
  readonly tracestate: string | null;
  /** Headers that go with it besides those that HTTP needs. */
  readonly headers: Readonly<Record<string, string>>;
}

const ENVELOPE = new Names('id', 'method', 'params');
const PARAMS = new Names('_meta', 'requestId', 'name', 'uri');
const META = new Names(PROTOCOL_VERSION_KEY, 'traceparent', 'tracestate');

/** Reads a message of ours: valid JSON, and read in one way only. */
export function describeOutgoing(text: string, headers: Outgoing['headers'] = {}): Outgoing {
  const { id, method, params } = findMembers(text, 0, ENVELOPE).spans;
  const members = findMembers(text, params?.start ?? text.length, PARAMS).spans;
  const meta = findMembers(text, members._meta?.start ?? text.length, META).spans;
  const string = (value: unknown) => (typeof value === 'string' ? value : null);
  const rpcId = (value: unknown) => (isRpcId(value) ? value : null);
  const named = string(valueAt(text, method));
  const version = valueAt(text, meta[PROTOCOL_VERSION_KEY]);
  return {
    text,
    bytes: Buffer.byteLength(text),
    method: named,
    id: named === null ? null : rpcId(valueAt(text, id)),
    cancels: named === 'notifications/cancelled' ? rpcId(valueAt(text, members.requestId)) : null,
    modernVersion: isVersionText(version) ? version : null,
    name: string(valueAt(text, members.name)) ?? string(valueAt(text, members.uri)),
    traceparent: string(valueAt(text, meta.traceparent)),
    tracestate: string(valueAt(text, meta.tracestate)),
    headers,
  };
}

/**
 * Whether it has to wait for a session. A response need not: it may be what the handshake waits for. The modern era has
 * neither handshake nor sessions.
 */
export function belongsToSession({ method, modernVersion }: Outgoing): boolean {
  return method !== null && modernVersion === null;
}

/** Whether a message of the remote, which may be garbage, is the response to that request. */
export function answers(text: string, id: RpcId | null): boolean {
  return id !== null && readHead(text).responseId === id;
}
