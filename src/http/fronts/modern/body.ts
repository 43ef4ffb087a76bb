/** Which era a POST is of, and the metadata of a modern one (2026-07-28, "General fields", "Protocol Version Header"). */
import type { FastifyRequest } from 'fastify';
import { isModernVersion } from '../../../backends/protocol-versions.ts';
import type { RpcNotification, RpcRequest } from '../../../backends/rpc/json-rpc.ts';
import {
  CLIENT_CAPABILITIES_KEY,
  CLIENT_INFO_KEY,
  PROTOCOL_VERSION_KEY,
} from '../../../backends/rpc/meta.ts';
import { isObject } from '../../../backends/rpc/places.ts';
import { badMeta, headerMismatch } from './denials.ts';

type Params = Readonly<Record<string, unknown>>;
type Kind = 'request' | 'notification';

/** A message of the modern era as far as the front goes by it. */
export interface ModernBody {
  readonly params: Params;
  readonly meta: Params;
  /** The `MCP-Protocol-Version` header. */
  readonly header: string | undefined;
}

/** The `MCP-Protocol-Version` header; undefined without one. */
function versionHeader({ headers }: FastifyRequest): string | undefined {
  return headers['mcp-protocol-version']?.toString();
}

/** Whether the header alone says that a request is of the modern era. */
export function claimsModern(request: FastifyRequest): boolean {
  return isModernVersion(versionHeader(request) ?? '');
}

/**
 * The body of a message of the modern era; null when it is of the legacy one. A protocol version in the message itself
 * decides; without it, the header.
 */
export function readModernBody(
  request: FastifyRequest,
  message: RpcRequest | RpcNotification,
): ModernBody | null {
  if (message.kind === 'request' && message.plain !== undefined) return null;
  const header = versionHeader(request);
  const modernHeader = claimsModern(request);
  // Saves legacy messages a second parsing. Whoever spells the key with escapes has the header, which is required.
  if (!modernHeader && !message.text.includes(PROTOCOL_VERSION_KEY)) return null;
  const { params: sent }: { readonly params?: unknown } = JSON.parse(message.text);
  const params = isObject(sent) ? sent : {};
  const meta = isObject(params._meta) ? params._meta : {};
  return modernHeader || Object.hasOwn(meta, PROTOCOL_VERSION_KEY) ? { params, meta, header } : null;
}

/** The version a message is in. @throws {Denial} −32602 metadata is missing; −32020 the header is missing or not equal to it */
export function requireVersion({ meta, header }: ModernBody, kind: Kind): string {
  if (kind === 'request' || Object.hasOwn(meta, PROTOCOL_VERSION_KEY)) requireMeta(meta, kind);
  const version = String(meta[PROTOCOL_VERSION_KEY] ?? header);
  requireEqual(version, header, kind);
  return version;
}

/** A notification needs none of it, but what it has must make sense. */
function requireMeta(meta: Params, kind: Kind): void {
  if (typeof meta[PROTOCOL_VERSION_KEY] !== 'string')
    throw badMeta(`params._meta must have "${PROTOCOL_VERSION_KEY}", a string`);
  if (kind === 'notification') return;
  if (!isObject(meta[CLIENT_CAPABILITIES_KEY]))
    throw badMeta(`params._meta must have "${CLIENT_CAPABILITIES_KEY}", an object`);
  if (meta[CLIENT_INFO_KEY] !== undefined && !isObject(meta[CLIENT_INFO_KEY]))
    throw badMeta(`"${CLIENT_INFO_KEY}" in params._meta must be an object`);
}

/** No headers are prescribed for notifications, but what is sent must agree. */
function requireEqual(version: string, header: string | undefined, kind: Kind): void {
  if (header === version || (header === undefined && kind === 'notification')) return;
  const fault = header === undefined ? 'is missing' : 'names another version';
  throw headerMismatch(`MCP-Protocol-Version ${fault}: send it with the version in params._meta`);
}
