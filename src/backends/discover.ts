/** The beginning of a lane of the modern era (2026-07-28, "Discovery"): `server/discover`, sent with its own metadata. */
import type { JsonObject } from '../store/event-log.ts';
import { type Handshake, StartFailure } from './backend.ts';
import type { Answer, Question } from './handshake.ts';
import { MODERN_VERSIONS } from './protocol-versions.ts';
import { ownMeta, SERVER_INFO_KEY } from './rpc/meta.ts';
import { isObject } from './rpc/places.ts';

/** Most versions kept of what a backend lists. */
const MAX_VERSIONS = 100;

/** `version`: Evergate's own. */
export function discoverQuestion(version: string): Question {
  const [preferred = ''] = MODERN_VERSIONS;
  return {
    method: 'server/discover',
    params: { _meta: ownMeta(preferred, version) },
    read: readAnswer,
    refused: reason => new StartFailure(reason, 'modern'),
    acknowledgement: null,
  };
}

/** Any error means that the era, or the revision of it that the gateway speaks, is not spoken (stdio, "Backward Compatibility"). */
function readAnswer({ result, error }: Answer): Handshake {
  if (isObject(error)) {
    const refusal = `the backend refused server/discover: ${String(error.message)} (${String(error.code)})`;
    throw new StartFailure(refusal, 'modern');
  }
  const supportedVersions = isObject(result) ? readVersions(result.supportedVersions) : [];
  const protocolVersion = MODERN_VERSIONS.find(version => supportedVersions.includes(version));
  if (!isObject(result) || protocolVersion === undefined) {
    const supported = MODERN_VERSIONS.join(', ');
    throw new StartFailure(`the backend lists none of the protocol versions ${supported}`, 'modern');
  }
  const { capabilities, instructions, _meta: meta } = result;
  const serverInfo = isObject(meta) ? (meta[SERVER_INFO_KEY] ?? result.serverInfo) : result.serverInfo;
  return {
    era: 'modern',
    protocolVersion,
    supportedVersions,
    capabilities: isObject(capabilities) ? (capabilities as JsonObject) : {},
    serverInfo: isObject(serverInfo) ? (serverInfo as JsonObject) : {},
    ...(typeof instructions === 'string' ? { instructions } : {}),
  };
}

function readVersions(listed: unknown): string[] {
  if (!Array.isArray(listed)) return [];
  return listed.slice(0, MAX_VERSIONS).filter(version => typeof version === 'string');
}
