/** `Mcp-Method` and `Mcp-Name` (2026-07-28, "Standard Request Headers"). */
import type { IncomingHttpHeaders } from 'node:http';
import type { RpcMessage } from '../../../backends/rpc/json-rpc.ts';
import { headerMismatch } from './denials.ts';
import { decodeHeaderValue } from './header-values.ts';

/** The member of `params` that `Mcp-Name` repeats, by method; the last three are those of the tasks extension. */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The member of `params` that `Mcp-Name` repeats for this method; undefined: the method has no such header. */
export function nameMember(method: string): string | undefined {
  return NAMED_BY.get(method);
}

/** @throws {Denial} −32020 naming the header that is missing, cannot be read, or does not agree with the body */
export function checkStandardHeaders(
  headers: IncomingHttpHeaders,
  { kind, method }: Exclude<RpcMessage, { readonly kind: 'response' }>,
  params: Readonly<Record<string, unknown>>,
): void {
  const named = headers['mcp-method']?.toString();
  // No headers are prescribed for notifications, but what is sent must agree.
  if (named === undefined && kind === 'notification') return;
  if (named === undefined) throw headerMismatch('Mcp-Method is missing: send it with the method of the body');
  if (named !== method) throw headerMismatch('Mcp-Method names another method than the body');
  const member = nameMember(method);
  const expected = member === undefined ? undefined : params[member];
  if (kind === 'request' && typeof expected === 'string') checkName(headers, `params.${member}`, expected);
}

function checkName(headers: IncomingHttpHeaders, source: string, expected: string): void {
  const value = headers['mcp-name']?.toString();
  if (value === undefined) throw headerMismatch(`Mcp-Name is missing: send it with ${source} of the body`);
  const decoded = decodeHeaderValue(value);
  if (decoded === null)
    throw headerMismatch('Mcp-Name has characters that are not allowed, or invalid Base64');
  if (decoded !== expected) throw headerMismatch(`Mcp-Name is not equal to ${source} of the body`);
}
