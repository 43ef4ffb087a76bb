/**
 * What a client set up on a backend with requests of its own, so that it can be asked for again after a restart: the log
 * level and the resource subscriptions.
 */
import type { ReplySink } from '../../backends/backend.ts';
import type { RpcRequest } from '../../backends/rpc/json-rpc.ts';
import type { SessionRecord } from './record.ts';

type Settings = Pick<SessionRecord, 'logLevel' | 'subscriptions'>;

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

/** Most UTF-16 units of all URIs of a session; subscriptions past it do not survive a restart. */
const MAX_URIS_LENGTH = 64 * 1024;

const METHODS: ReadonlySet<string> = new Set([
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);

export function isSetting({ method }: RpcRequest): boolean {
  return METHODS.has(method);
}

/** What is set up once the backend has granted the request; null when that is what it was. */
export function settingsAfter(before: Settings, { method, text }: RpcRequest): Settings | null {
  const { params }: { readonly params?: unknown } = JSON.parse(text);
  const { level, uri } = Object(params) as { readonly level?: unknown; readonly uri?: unknown };
  const { logLevel, subscriptions } = before;
  if (method === 'logging/setLevel')
    return typeof level === 'string' && LEVELS.has(level) && level !== logLevel
      ? { logLevel: level, subscriptions }
      : null;
  if (typeof uri !== 'string') return null;
  const others = subscriptions.filter(other => other !== uri);
  const wanted = method === 'resources/subscribe';
  if (wanted === others.length < subscriptions.length) return null;
  const after = wanted ? [...others, uri] : others;
  return after.join('').length > MAX_URIS_LENGTH ? null : { logLevel, subscriptions: after };
}

/** The gateway's own requests in a session's name; their ids are ones no client would choose. */
export function restoringRequests({ id, logLevel, subscriptions }: SessionRecord): RpcRequest[] {
  const requests = subscriptions.map((uri, n) =>
    ownRequest(`evergate/${id}/subscription/${n}`, 'resources/subscribe', { uri }),
  );
  if (logLevel !== null)
    requests.unshift(ownRequest(`evergate/${id}/logging`, 'logging/setLevel', { level: logLevel }));
  return requests;
}

/** Passes everything on to `sink`, and first tells of a result that is no error. */
export function onGranted(sink: ReplySink, granted: () => void): ReplySink {
  return {
    message: text => sink.message(text),
    fail: failure => sink.fail(failure),
    result: (text, failed) => {
      if (failed !== true) granted();
      sink.result(text, failed);
    },
  };
}

function ownRequest(id: string, method: string, params: object): RpcRequest {
  return { kind: 'request', id, method, text: JSON.stringify({ jsonrpc: '2.0', id, method, params }) };
}
