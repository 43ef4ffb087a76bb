/** A session's log level: read from `logging/setLevel`, asked for again after a restart of the backend. */
import type { ReplySink } from '../../backends/backend.ts';
import type { RpcRequest } from '../../backends/rpc/json-rpc.ts';

/** The levels of RFC 5424, as the specification's logging page lists them. */
const LEVELS: ReadonlySet<unknown> = new Set([
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
]);

/** The level a `logging/setLevel` request asks for; null when it names none that exists. */
export function readLogLevel(text: string): string | null {
  const message: { readonly params?: { readonly level?: unknown } | null } = JSON.parse(text);
  const level = message.params?.level;
  return typeof level === 'string' && LEVELS.has(level) ? level : null;
}

/** The gateway's own request in a session's name; its id is one no client would choose. */
export function logLevelRequest(sessionId: string, level: string): RpcRequest {
  const id = `evergate/${sessionId}/logging`;
  const method = 'logging/setLevel';
  return {
    kind: 'request',
    id,
    method,
    text: JSON.stringify({ jsonrpc: '2.0', id, method, params: { level } }),
  };
}

/** Nobody waits for that answer: a backend that refuses keeps its own level, a lost one fails the next call. */
export const logLevelSink: ReplySink = { message() {}, result() {}, fail() {} };
