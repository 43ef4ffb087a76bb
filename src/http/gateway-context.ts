/** What the app's plugins share: settings that every answer depends on, and whether the gateway is closing. */
import type { ServerResponse } from 'node:http';
import type { Scope } from './auth-tokens.ts';

export interface GatewayContext {
  readonly compatHttp200: boolean;
  readonly maxBodyBytes: number;
  readonly maxConfigBytes: number;
  /** Monotonic time in ms, with fractions. */
  readonly now: () => number;
  /** Set once, when the server begins to close: new work is refused, connections end with their answer. */
  draining: boolean;
}

declare module 'fastify' {
  interface FastifyInstance {
    gateway: GatewayContext;
  }
  interface FastifyRequest {
    /** `GatewayContext.now()` at arrival; undefined for a request that was refused before routing. */
    receivedAtMs: number | undefined;
    /** The response of this request; what tells of a client that hung up. */
    response: ServerResponse | undefined;
  }
  interface FastifyContextConfig {
    /** The scope a route needs (contract §6); `open` needs no token. Absent: `call` on data routes, else `manage`. */
    scope?: Scope | 'open';
  }
}
