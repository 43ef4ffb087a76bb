/** Which URLs are data routes: those whose refusals carry a JSON-RPC error too (contract §1). */

const bases = ['/mcp/stream/proxy', '/mcp/sse/proxy'];

/** True for `/mcp/sse/proxy/…` and `/mcp/stream/proxy/…`, whether or not a route matched. */
export function isDataRoute(url: string): boolean {
  return bases.some(base => url.startsWith(base) && isBoundary(url.charCodeAt(base.length)));
}

/** `/`, `?`, or the end of the URL. */
function isBoundary(code: number): boolean {
  return code === 47 || code === 63 || Number.isNaN(code);
}

/** The path of a URL, without its query, which can hold a session's id. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

/** True for a route that wants an id and was given none, such as `/mcp/check/status/`. */
export function namesNoId(url: string): boolean {
  return /^\/mcp\/(?:(?:sse|stream)\/proxy|check\/status|config\/delete)\/?(?:\?|$)/.test(url);
}
