/** A registry of sessions on its own: a simulated clock, stores in memory, ids that count. */
import { SimulatedClock } from 'xstate';
import type { Clock } from '../../src/backends/clock.ts';
import { ANYBODY } from '../../src/http/auth/principal.ts';
import { SessionKeeper } from '../../src/http/sessions/keeper.ts';
import type { FrontName, SessionClaim } from '../../src/http/sessions/record.ts';
import { type RegistryOptions, SessionRegistry } from '../../src/http/sessions/registry.ts';
import { defaultReplaySettings } from '../../src/http/sessions/replay-settings.ts';
import { StreamBook } from '../../src/http/sessions/stream-book.ts';
import { MemorySessionStore } from '../../src/store/memory-sessions.ts';
import { MemoryStreamStore } from '../../src/store/memory-streams.ts';

export interface Stores {
  readonly sessions: MemorySessionStore;
  readonly streams: MemoryStreamStore;
}

export const memoryStores = (): Stores => ({
  sessions: new MemorySessionStore(),
  streams: new MemoryStreamStore(),
});

/** Stores that a crash cuts off: what the life before it writes after that is lost. */
export class CuttableStores implements Stores {
  readonly sessions: MemorySessionStore;
  readonly streams: MemoryStreamStore;
  #open = true;

  constructor(sessions = new MemorySessionStore(), streams = new MemoryStreamStore()) {
    this.sessions = this.#guarded(sessions, ['put', 'remove', 'touch', 'sweep']);
    this.streams = this.#guarded(streams, ['write']);
    this.#inner = { sessions, streams };
  }

  /** The stores as they are now, for the next life. */
  cut(): CuttableStores {
    this.#open = false;
    return new CuttableStores(this.#inner.sessions, this.#inner.streams);
  }

  readonly #inner: Stores;

  #guarded<T extends object>(store: T, verbs: readonly string[]): T {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        const ignored = () => [];
        return verbs.includes(String(name)) && !this.#open ? ignored : value.bind(target);
      },
    });
  }
}

/** Faults of the stores fail the test. */
function onFault(error: unknown): never {
  throw error;
}

/** A session of nobody in particular with the service `svc`. */
export const claim = (front: FrontName): SessionClaim => ({ serviceId: 'svc', front, owner: ANYBODY.id });

let ids = 0;

export function sessionRegistry(options: Partial<RegistryOptions> & { readonly stores?: Stores } = {}): {
  readonly clock: SimulatedClock;
  readonly stores: Stores;
  readonly sessions: SessionRegistry;
} {
  const clock = options.clock instanceof SimulatedClock ? options.clock : new SimulatedClock();
  const { stores = memoryStores(), ...given } = options;
  const sessions = new SessionRegistry({
    maxSessions: 10,
    sessionIdleMs: 60_000,
    clock,
    randomId: () => `session-${++ids}`,
    keeper: new SessionKeeper({ store: stores.sessions, onFault }),
    book: streamBook(clock, stores),
    replayWindowMs: defaultReplaySettings.replayWindowMs,
    retryMs: 1_000,
    ...given,
  });
  return { clock, stores, sessions };
}

function streamBook(clock: Clock, stores: Stores = memoryStores()): StreamBook {
  return new StreamBook({ store: stores.streams, settings: defaultReplaySettings, clock, onFault });
}
