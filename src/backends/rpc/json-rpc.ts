/** JSON-RPC 2.0 as MCP uses it: shapes only. */

import type { LocatedText } from './places.ts';
import type { PlainPlaces } from './plain/message.ts';

export type RpcId = string | number;

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What a client may send, classified once at the door. `text` is the whole message, valid JSON, no line break. */
export interface RpcRequest {
  readonly kind: 'request';
  readonly id: RpcId;
  readonly method: string;
  readonly text: string;
  /** Where in `text` the values stand that are replaced; absent, or of another text: not known yet. */
  readonly located?: LocatedText;
  /** Its bytes and the places in them, if it was read without parsing; it then is of the legacy era, and can be read in one way. */
  readonly plain?: PlainPlaces;
  /** Headers that repeat arguments (`Mcp-Param-*`), for a backend that is reached over HTTP, too; absent: none. */
  readonly mirrored?: Readonly<Record<string, string>>;
}
export interface RpcNotification {
  readonly kind: 'notification';
  readonly method: string;
  readonly text: string;
}
export interface RpcResponse {
  readonly kind: 'response';
  readonly id: RpcId;
  readonly text: string;
}
export type RpcMessage = RpcRequest | RpcNotification | RpcResponse;
