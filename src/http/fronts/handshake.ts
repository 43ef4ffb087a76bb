/** `initialize` as the gateway answers it: from what the backend said to the gateway's own. */
import { Refusal } from '../../actors/refusal.ts';
import type { Handshake, Lane } from '../../backends/backend.ts';
import { LATEST_LEGACY_VERSION, LEGACY_VERSIONS } from '../../backends/protocol-versions.ts';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import type { JsonObject } from '../../store/event-log.ts';
import type { Introduction } from '../sessions/record.ts';
import { unsupportedVersion } from './modern/denials.ts';

/**
 * The version to answer with: the client's, if it is a legacy one that is not newer than what the backend speaks,
 * else the backend's (lifecycle, "Version Negotiation"). Versions are dates and compare as text.
 */
export function negotiate(requested: string, backend: string): string {
  if (LEGACY_VERSIONS.includes(requested) && requested <= backend) return requested;
  return backend > LATEST_LEGACY_VERSION ? LATEST_LEGACY_VERSION : backend;
}

/** @throws {Denial} −32022 when the backend knows no sessions ("Compatibility Matrix": legacy client, modern server) */
export function requireLegacyLane({ handshake }: Lane, { protocolVersion }: Introduction): void {
  const { era, supportedVersions } = handshake;
  if (era === 'modern')
    throw unsupportedVersion(supportedVersions ?? [handshake.protocolVersion], protocolVersion);
}

/** Levels of what a client says of itself: it is stored and passed on, so everybody has to be able to write it. */
const MAX_DEPTH = 64;

/** Reads the parameters of `initialize`; `protocolVersion` is the client's wish.
 * @throws {Refusal} 0011 naming the parameter; 0013 when the message is longer than `maxLength` code units */
export function readIntroduction(text: string, maxLength: number): Introduction {
  if (text.length > maxLength) throw new Refusal('0013', `initialize is longer than ${maxLength} characters`);
  const { params }: { readonly params?: unknown } = JSON.parse(text);
  if (!isObject(params)) throw invalid('params', 'an object');
  const { protocolVersion, capabilities = {}, clientInfo = null } = params;
  if (typeof protocolVersion !== 'string') throw invalid('params.protocolVersion', 'a string');
  if (!isObject(capabilities)) throw invalid('params.capabilities', 'an object');
  if (clientInfo !== null && !isObject(clientInfo)) throw invalid('params.clientInfo', 'an object');
  for (const [name, value] of Object.entries({ capabilities, clientInfo }))
    if (isDeeper(value, MAX_DEPTH))
      throw invalid(`params.${name}`, `nested ${MAX_DEPTH} levels deep at most`);
  return { protocolVersion, capabilities, clientInfo };
}

/**
 * The JSON-RPC response to `initialize`, without a line break. Of tools that change over a restart the gateway tells by
 * itself, so it promises that whatever the backend does.
 */
export function initializeResult(id: RpcId, protocolVersion: string, handshake: Handshake): string {
  const { serverInfo, instructions } = handshake;
  const { tools } = handshake.capabilities;
  const capabilities = isObject(tools)
    ? { ...handshake.capabilities, tools: { ...tools, listChanged: true } }
    : handshake.capabilities;
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: { protocolVersion, capabilities, serverInfo, instructions },
  });
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some(inner => isDeeper(inner, levels - 1));
}

/** Only ever asked about what JSON.parse returned. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(name: string, expected: string): Refusal {
  return new Refusal('0011', `${name} of initialize must be ${expected}`);
}
