/**
 * JSON-RPC messages as text: classified once at the door, then spliced. What is not replaced stays byte for byte as it was
 * sent: key order, white space, numbers beyond 2^53.
 *
 * A text is hostile until parsed (invariant 8). One in which another reader could find another id, method, token or URI
 * than we do is rewritten by JSON.parse and JSON.stringify before anything is spliced.
 */
import type { RpcId, RpcMessage } from './json-rpc.ts';
import { isObject, type LocatedText, locate } from './places.ts';

/** Longest string id, in UTF-16 units; ids are kept in memory as long as their request is under way. */
export const MAX_ID_LENGTH = 1024;

/** The text is no JSON (`parse`) or no single JSON-RPC 2.0 message (contract §1, code 0008). */
export class NotJsonRpc extends Error {
  override readonly name = 'NotJsonRpc';

  constructor(
    /** What is wrong and what to send instead; holds nothing of the text. */
    readonly reason: string,
    /** True when the text is not JSON at all (−32700), false when it is not JSON-RPC (−32600). */
    readonly parse: boolean,
  ) {
    super(reason);
  }
}

export interface ParsedMessage {
  readonly message: RpcMessage;
  readonly located: LocatedText;
  /** A response: whether it is an error. */
  readonly failed: boolean;
}

/**
 * Classifies the body a client sent. The message's `text` has no line break and is safe to splice.
 * @throws {NotJsonRpc} not JSON, a batch, not JSON-RPC 2.0, or an id that is null, fractional, unsafe, too long or no scalar
 */
export function readMessage(text: string): RpcMessage {
  return parseMessage(text).message;
}

/** `readMessage`, with the places where to splice. @throws {NotJsonRpc} */
export function parseMessage(text: string): ParsedMessage {
  const value = parseObject(text);
  const method = readMethod(value);
  // Raw line breaks are white space between tokens: inside a string JSON does not allow them.
  const located = locate(/[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text, method);
  if (located === null) return refuse('it is nested too deeply');
  const failed = value.error !== undefined && value.error !== null;
  if (method === null) {
    checkResponse(value, failed);
    return { message: { kind: 'response', id: readId(value), text: located.text }, located, failed };
  }
  if (!Object.hasOwn(value, 'id')) {
    return { message: { kind: 'notification', method, text: located.text }, located, failed: false };
  }
  return {
    message: { kind: 'request', id: readId(value), method, text: located.text, located },
    located,
    failed: false,
  };
}

/** What MCP takes for an id or a token, within our bounds. */
export function isRpcId(value: unknown): value is RpcId {
  return typeof value === 'string' ? value.length <= MAX_ID_LENGTH : Number.isSafeInteger(value);
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's own message quotes the text, which may hold a secret.
    throw new NotJsonRpc('the body is not valid JSON; send one JSON-RPC message in UTF-8', true);
  }
  if (Array.isArray(value)) return refuse('batches are not supported; send each message by itself');
  if (!isObject(value)) return refuse('the body is not an object; send one JSON-RPC message');
  if (value.jsonrpc !== '2.0') return refuse('"jsonrpc" must be "2.0"');
  return value;
}

function readMethod(value: Record<string, unknown>): string | null {
  if (!Object.hasOwn(value, 'method')) return null;
  if (typeof value.method !== 'string') return refuse('"method" must be a string');
  if (Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error')) {
    return refuse('it has a "method" and a "result" or "error"; a message is a request or a response');
  }
  return value.method;
}

function readId(value: Record<string, unknown>): RpcId {
  if (isRpcId(value.id)) return value.id;
  return refuse(
    `"id" must be a string of at most ${MAX_ID_LENGTH} characters or an integer within ±(2^53 − 1)`,
  );
}

function checkResponse(value: Record<string, unknown>, failed: boolean): void {
  if (failed && !isObject(value.error)) refuse('"error" must be an object');
  if (failed && value.result !== undefined && value.result !== null)
    refuse('it has both a "result" and an "error"');
  if (!failed && !Object.hasOwn(value, 'result')) refuse('it has no "method", no "result" and no "error"');
}

function refuse(fault: string): never {
  throw new NotJsonRpc(fault, false);
}
