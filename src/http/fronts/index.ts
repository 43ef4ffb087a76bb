/** The MCP fronts: what speaks MCP to clients. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ServiceNews } from '../../actors/news.ts';
import type { Services } from '../../actors/services.ts';
import { type Clock, systemClock } from '../../backends/clock.ts';
import { MemorySessionStore } from '../../store/memory-sessions.ts';
import { MemoryStreamStore } from '../../store/memory-streams.ts';
import type { SessionStore } from '../../store/session-store.ts';
import type { StreamStore } from '../../store/stream-store.ts';
import type { SessionFigures } from '../gateway-context.ts';
import { SessionKeeper } from '../sessions/keeper.ts';
import { SessionRegistry } from '../sessions/registry.ts';
import { StreamBook } from '../sessions/stream-book.ts';
import type { FrontContext } from './front.ts';
import { registerHttpSse } from './http-sse.ts';
import { ModernDesk } from './modern/desk.ts';
import { Pulse } from './pulse.ts';
import { reattach } from './reattach.ts';
import { defaultFrontSettings, type FrontSettings } from './settings.ts';
import { registerStreamable } from './streamable.ts';
import { tellSessions } from './tool-news.ts';

export { defaultFrontSettings, type FrontSettings } from './settings.ts';

export interface FrontOptions {
  readonly services: Services;
  /** Those left out have their defaults. */
  readonly settings?: Partial<FrontSettings>;
  readonly clock?: Clock;
  /** Session ids: at least 128 random bits as visible ASCII that needs no escaping in a URL. */
  readonly randomId?: () => string;
  /** What outlives the gateway. Default: in memory, so nothing does. */
  readonly stores?: FrontStores;
  readonly news?: ServiceNews;
}

export interface FrontStores {
  readonly sessions: SessionStore;
  readonly streams: StreamStore;
}

/**
 * Registers the routes of both fronts. In `app`, which is a context of its own, every body must arrive as a Buffer.
 * When the app begins to close, calls under way may finish and streams end with the last of them; when the connections
 * are gone, so are the sessions.
 */
export function registerFronts(app: FastifyInstance, options: FrontOptions): SessionFigures {
  const settings = { ...defaultFrontSettings, ...options.settings };
  const clock = options.clock ?? systemClock;
  const stores = options.stores ?? { sessions: new MemorySessionStore(), streams: new MemoryStreamStore() };
  const onFault = (err: unknown) => app.gateway.log.error({ err }, 'sessions or streams cannot be kept');
  const sessions = new SessionRegistry({
    ...settings,
    retryMs: settings.streamRetryMs,
    keeper: new SessionKeeper({ store: stores.sessions, onFault }),
    book: new StreamBook({ store: stores.streams, settings, clock, onFault }),
    clock,
    randomId: options.randomId ?? (() => randomBytes(24).toString('base64url')),
    onEnded: ({ id, record }) => options.services.releaseSession(record.serviceId, id),
  });
  const pulse = new Pulse(clock, settings.keepAliveMs);
  const modern = new ModernDesk(clock);
  const front: FrontContext = { services: options.services, sessions, pulse, settings };
  registerStreamable(app, front, modern);
  registerHttpSse(app, front);
  options.news?.listen({
    ready: id => reattach(front, id, onFault),
    toolsChanged: id => {
      tellSessions(sessions, id);
      modern.tellOfTools(id);
    },
    removed: id => sessions.endService(id),
  });
  app.addHook('preClose', async () => {
    sessions.drain();
    modern.drain();
  });
  const endAll = () => {
    sessions.endAll('the gateway is shutting down');
    modern.endAll('the gateway is shutting down');
  };
  app.gateway.lastCall.add(endAll);
  app.addHook('onClose', async () => {
    endAll();
    pulse.stop();
  });
  return {
    get sessions() {
      return sessions.size;
    },
    get storedSessions() {
      return sessions.storedCount;
    },
  };
}
