/** The MCP fronts: what speaks MCP to clients. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../../actors/services.ts';
import { type Clock, systemClock } from '../../backends/clock.ts';
import { SessionRegistry } from '../sessions/registry.ts';
import type { FrontContext } from './front.ts';
import { registerHttpSse } from './http-sse.ts';
import { Pulse } from './pulse.ts';
import { defaultFrontSettings, type FrontSettings } from './settings.ts';
import { registerStreamable } from './streamable.ts';

export { defaultFrontSettings, type FrontSettings } from './settings.ts';

export interface FrontOptions {
  readonly services: Services;
  /** Those left out have their defaults. */
  readonly settings?: Partial<FrontSettings>;
  readonly clock?: Clock;
  /** Session ids: at least 128 random bits as visible ASCII that needs no escaping in a URL. */
  readonly randomId?: () => string;
}

export interface Fronts {
  /** Number of open sessions. */
  readonly sessions: number;
}

/**
 * Registers the routes of both fronts. In `app`, which is a context of its own, every body must arrive as a Buffer.
 * When the app begins to close, calls under way may finish and streams end with the last of them; when the connections
 * are gone, so are the sessions.
 */
export function registerFronts(app: FastifyInstance, options: FrontOptions): Fronts {
  const settings = { ...defaultFrontSettings, ...options.settings };
  const clock = options.clock ?? systemClock;
  const sessions = new SessionRegistry({
    maxSessions: settings.maxSessions,
    sessionIdleMs: settings.sessionIdleMs,
    clock,
    randomId: options.randomId ?? (() => randomBytes(24).toString('base64url')),
  });
  const pulse = new Pulse(clock, settings.keepAliveMs);
  const front: FrontContext = { services: options.services, sessions, pulse, settings };
  registerStreamable(app, front);
  registerHttpSse(app, front);
  app.addHook('preClose', async () => sessions.drain());
  app.addHook('onClose', async () => {
    sessions.endAll('the gateway is shutting down');
    pulse.stop();
  });
  return {
    get sessions() {
      return sessions.size;
    },
  };
}
