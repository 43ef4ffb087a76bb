/** Which routes are data routes: those that need `call`, and whose refusals carry a JSON-RPC error too (contract §1, §6). */
import type { FastifyRequest } from 'fastify';

const bases = ['/mcp/stream/proxy', '/mcp/sse/proxy'];

/**
 * Whether a request is for a data route. That goes by the route it got, not by its URL: one path can be spelt in many ways
 * (`/mcp/stream/%70roxy/…`). Only where no route matched does the URL tell what was meant.
 */
export function isDataRequest({ routeOptions, url }: FastifyRequest): boolean {
  return isDataRoute(routeOptions.url ?? url);
}

/** True for `/mcp/sse/proxy/…` and `/mcp/stream/proxy/…`. @param url of a route; of a request see `isDataRequest` */
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
