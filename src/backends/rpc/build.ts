/** Texts of the JSON-RPC messages that the gateway writes itself. */
import type { JsonObject } from '../../store/event-log.ts';
import type { RpcId } from './json-rpc.ts';

export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** An id as JSON. */
export function idText(id: RpcId): string {
  return typeof id === 'number' ? String(id) : JSON.stringify(id);
}

export function requestText(id: RpcId, method: string, params: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

export function notificationText(method: string, params?: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}

export function resultText(id: RpcId, result: JsonObject = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}

export function errorText(id: RpcId, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
}

/** `meta`: the sender's `_meta`; null: none. */
export function cancelledText(requestId: RpcId, reason: string, meta: JsonObject | null = null): string {
  const params = { requestId, reason };
  return notificationText('notifications/cancelled', meta === null ? params : { ...params, _meta: meta });
}
