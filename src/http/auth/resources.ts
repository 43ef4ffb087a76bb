/**
 * The gateway as protected resources (RFC 9728): the whole of it, and the MCP endpoints of each service. A resource is known
 * by its URL; a token says by its audience for which of them it was issued (RFC 8707, and MCP, "Token Audience Binding").
 */

/** Where metadata is; that of an endpoint has the endpoint's path behind it (RFC 9728 §3.1). */
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The MCP endpoints of a service, as routes. Whoever knows one of them knows the service. */
export const ENDPOINTS = [
  '/mcp/stream/proxy/:id',
  '/mcp/sse/proxy/:id',
  '/mcp/sse/proxy/:id/sse',
  '/mcp/sse/proxy/:id/message',
] as const;

/** An id as a URL may spell it; what else a request line may hold has no place in a header. */
const ID = String.raw`([\x21\x23-\x2e\x30-\x5b\x5d-\x7e]+)`;
const ENDPOINT = new RegExp(`^/mcp/(?:stream/proxy/${ID}|sse/proxy/${ID}(?:/(?:sse|message))?)$`);

/** The path of the resource that a request is for: of its data route, or `''` for the whole gateway. */
export function resourcePath(url: string): string {
  const path = url.split('?', 1)[0] ?? url;
  if (!ENDPOINT.test(path)) return '';
  // A client of HTTP+SSE knows the URL of its stream; where to post it has from the gateway.
  return path.replace(/^(\/mcp\/sse\/proxy\/[^/]+)\/message$/, '$1/sse');
}

export function metadataUrl(origin: string, path: string): string {
  return `${origin}${METADATA_PATH}${path}`;
}

/**
 * What a token with that audience is good for: `all` services, some, or none (an empty set). A token for one endpoint of a
 * service is good for the service, because one client uses several of them.
 * @param origin that of the gateway's own URL
 * @param gatewayNames other names of the whole gateway
 */
export function servicesOfAudience(
  audience: readonly string[],
  origin: string,
  gatewayNames: readonly string[],
): ReadonlySet<string> | 'all' {
  const services = new Set<string>();
  for (const name of audience) {
    if (gatewayNames.includes(name)) return 'all';
    if (!URL.canParse(name)) continue;
    const url = new URL(name);
    if (url.origin !== origin || url.search !== '' || url.hash !== '') continue;
    if (url.pathname === '/') return 'all';
    const id = serviceOf(url.pathname);
    if (id !== null) services.add(id);
  }
  return services;
}

function serviceOf(path: string): string | null {
  const [, stream, sse] = ENDPOINT.exec(path) ?? [];
  const encoded = stream ?? sse;
  if (encoded === undefined) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}
