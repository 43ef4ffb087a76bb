/** The legacy handshake: `initialize`, its answer, `notifications/initialized`. */
import type { JsonObject } from '../store/event-log.ts';
import { type Handshake, StartFailure } from './backend.ts';
import type { Answer, Question } from './handshake.ts';
import { isModernVersion, LATEST_LEGACY_VERSION, LEGACY_VERSIONS } from './protocol-versions.ts';
import { INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, notificationText } from './rpc/build.ts';
import { UNSUPPORTED_VERSION } from './rpc/modern-errors.ts';
import { isObject } from './rpc/places.ts';

/** Codes with which a server that only knows later revisions answers `initialize` ("Compatibility Matrix"). */
const NOT_SPOKEN: ReadonlySet<unknown> = new Set([
  METHOD_NOT_FOUND,
  INVALID_PARAMS,
  INVALID_REQUEST,
  UNSUPPORTED_VERSION,
]);

/** What `initialize` tells a backend of its client. */
export interface ClientIdentity {
  /** null, or a version that is not a legacy one: the latest legacy version is asked for. */
  readonly protocolVersion: string | null;
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject;
}

export function initializeQuestion(identity: ClientIdentity): Question {
  const { capabilities, clientInfo } = identity;
  const known = LEGACY_VERSIONS.find(version => version === identity.protocolVersion);
  return {
    method: 'initialize',
    params: { protocolVersion: known ?? LATEST_LEGACY_VERSION, capabilities, clientInfo },
    read: readAnswer,
    refused: reason => new StartFailure(reason, 'legacy'),
    acknowledgement: notificationText('notifications/initialized'),
  };
}

function readAnswer({ result, error }: Answer): Handshake {
  if (isObject(error)) {
    const unspoken = NOT_SPOKEN.has(error.code) ? 'legacy' : null;
    throw new StartFailure(
      `the backend refused initialize: ${String(error.message)} (${String(error.code)})`,
      unspoken,
    );
  }
  if (!isObject(result)) throw new StartFailure('the backend answered initialize without a result object');
  const { protocolVersion, capabilities, serverInfo, instructions } = result;
  if (typeof protocolVersion !== 'string' || !LEGACY_VERSIONS.includes(protocolVersion)) {
    const supported = LEGACY_VERSIONS.join(', ');
    const named = JSON.stringify(protocolVersion ?? null);
    throw new StartFailure(
      `the backend answered initialize with "protocolVersion" ${named}; supported: ${supported}`,
      typeof protocolVersion === 'string' && isModernVersion(protocolVersion) ? 'legacy' : null,
    );
  }
  return {
    era: 'legacy',
    protocolVersion,
    capabilities: isObject(capabilities) ? (capabilities as JsonObject) : {},
    serverInfo: isObject(serverInfo) ? (serverInfo as JsonObject) : {},
    ...(typeof instructions === 'string' ? { instructions } : {}),
  };
}
