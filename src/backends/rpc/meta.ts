/** Members of `_meta` that the revision 2026-07-28 reserves ("General fields"), as far as the gateway goes by them. */
import type { JsonObject } from '../../store/event-log.ts';
import { resultText } from './build.ts';
import type { RpcId } from './json-rpc.ts';

export const PROTOCOL_VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_INFO_KEY = 'io.modelcontextprotocol/clientInfo';
export const CLIENT_CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
export const SERVER_INFO_KEY = 'io.modelcontextprotocol/serverInfo';
export const LOG_LEVEL_KEY = 'io.modelcontextprotocol/logLevel';
/** Its value is the id of the `subscriptions/listen` request. */
export const SUBSCRIPTION_ID_KEY = 'io.modelcontextprotocol/subscriptionId';

/** The `_meta` of the gateway's own messages of the modern era; it can do nothing that a server could ask of a client. */
export function ownMeta(protocolVersion: string, version: string): JsonObject {
  return {
    [PROTOCOL_VERSION_KEY]: protocolVersion,
    [CLIENT_INFO_KEY]: { name: 'evergate', version },
    [CLIENT_CAPABILITIES_KEY]: {},
  };
}

/** The response to a `subscriptions/listen` that the server side ends ("Graceful Closure"). */
export function subscriptionEndedText(id: RpcId): string {
  return resultText(id, { resultType: 'complete', _meta: { [SUBSCRIPTION_ID_KEY]: id } });
}
