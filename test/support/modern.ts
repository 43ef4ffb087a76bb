/** Messages and headers of the revision 2026-07-28, as its clients send them. */
import type { JsonObject } from '../../src/store/event-log.ts';

export const VERSION = '2026-07-28';

export const meta = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
} as const;

interface ModernRequest {
  readonly jsonrpc: '2.0';
  readonly id: string | number;
  readonly method: string;
  readonly params: JsonObject;
}

/** `more` goes into `_meta`. */
export function modernRequest(
  id: string | number,
  method: string,
  params: JsonObject = {},
  more: JsonObject = {},
): ModernRequest {
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...meta, ...more } } };
}

/** The standard headers of a request. */
export function modernHeaders({ method, params }: ModernRequest): Record<string, string> {
  const name = params.name ?? params.uri;
  return {
    'mcp-protocol-version': VERSION,
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': name }),
  };
}

export const discovered = {
  supportedVersions: [VERSION],
  capabilities: { tools: {} },
  instructions: 'Be kind.',
  _meta: { 'io.modelcontextprotocol/serverInfo': { name: 's', version: '1' } },
};
