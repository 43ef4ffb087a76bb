/** HTTP headers of a POST that come from its message. */
import { isTracestate, readTraceparent } from '../rpc/traceparent.ts';
import type { Outgoing } from './outgoing.ts';

/** What a header can carry as it is; anything else goes in base64 (2026-07-28, "Request Metadata"). */
const PLAIN = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;
const NAMED: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Of what a client sent along only these may get to a remote: whatever else it says in headers is for the gateway. */
const MIRRORED = /^mcp-param-/i;

/** Headers of the modern era; none for a message of the legacy era. */
export function modernHeaders({ modernVersion, method, name, headers }: Outgoing): Record<string, string> {
  if (modernVersion === null || method === null) return {};
  const mirrored = Object.entries(headers).filter(([key, value]) => MIRRORED.test(key) && PLAIN.test(value));
  return {
    ...Object.fromEntries(mirrored),
    'mcp-protocol-version': modernVersion,
    'mcp-method': headerValue(method),
    ...(name !== null && NAMED.has(method) && { 'mcp-name': headerValue(name) }),
  };
}

/** Headers of the trace that a message belongs to (W3C Trace Context); none without one. */
export function traceHeaders({ traceparent, tracestate }: Outgoing): Record<string, string> {
  if (traceparent === null || readTraceparent(traceparent) === null) return {};
  return { traceparent, ...(isTracestate(tracestate) && { tracestate }) };
}

function headerValue(value: string): string {
  if (PLAIN.test(value) && !value.startsWith('=?base64?')) return value;
  return `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
