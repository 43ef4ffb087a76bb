/** All live sessions of the gateway: bounded in number, reaped when idle (invariant 10). */

import { Refusal } from '../../actors/refusal.ts';
import type { Clock } from '../../backends/clock.ts';
import type { FrontName, Introduction } from './record.ts';
import { Session } from './session.ts';

export interface RegistryOptions {
  /** Most sessions at a time, over all services and both fronts. */
  readonly maxSessions: number;
  /** A session without a call and without a stream ends after that many ms without a request. */
  readonly sessionIdleMs: number;
  readonly clock: Clock;
  /** At least 128 random bits as visible ASCII that needs no escaping in a URL. */
  readonly randomId: () => string;
}

/** When another session may have ended; only a hint. */
const FULL_RETRY_MS = 5_000;
const LONGEST_REAP_MS = 60_000;

export class SessionRegistry {
  readonly #sessions = new Map<string, Session>();
  readonly #options: RegistryOptions;
  readonly #reapEveryMs: number;
  #timer: unknown = null;
  #closed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#reapEveryMs = Math.min(LONGEST_REAP_MS, Math.ceil(options.sessionIdleMs / 4));
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Refuses early, before a backend is started for a session that could not be opened.
   * @throws {Refusal} 0009 when `maxSessions` is reached, or after `drain` */
  requireRoom(): void {
    if (this.#closed) throw new Refusal('0009', 'the gateway is shutting down', FULL_RETRY_MS);
    if (this.#sessions.size < this.#options.maxSessions) return;
    throw new Refusal(
      '0009',
      `maxSessions (${this.#options.maxSessions}) is reached: end a session first`,
      FULL_RETRY_MS,
    );
  }

  /** @throws {Refusal} 0009 as `requireRoom` */
  create(serviceId: string, front: FrontName, introduction: Introduction | null): Session {
    this.requireRoom();
    const { clock, randomId } = this.#options;
    const now = clock.now();
    const id = randomId();
    const record = { id, serviceId, front, createdAt: now, lastUsedAt: now, introduction, logLevel: null };
    const session = new Session(record, () => clock.now());
    this.#sessions.set(id, session);
    this.#arm();
    return session;
  }

  /** The session, if it is one of this service and this front; counts as use of it. */
  find(id: string, serviceId: string, front: FrontName): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || session.record.serviceId !== serviceId || session.record.front !== front) {
      return undefined;
    }
    session.touch();
    return session;
  }

  /** Ends a session and forgets it; its open calls fail with `reason`. Idempotent. */
  end(session: Session, reason: string): void {
    this.#sessions.delete(session.id);
    session.end(reason);
  }

  /** Opens no more sessions; streams end as soon as their session has no call under way. */
  drain(): void {
    this.#closed = true;
    for (const session of [...this.#sessions.values()]) session.drain();
  }

  /** Ends all sessions and stops the reaper. */
  endAll(reason: string): void {
    this.drain();
    for (const session of [...this.#sessions.values()]) this.end(session, reason);
    if (this.#timer !== null) this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    if (this.#timer !== null || this.#sessions.size === 0) return;
    this.#timer = this.#options.clock.setTimeout(() => this.#reap(), this.#reapEveryMs);
  }

  #reap(): void {
    this.#timer = null;
    const idleSince = this.#options.clock.now() - this.#options.sessionIdleMs;
    for (const session of this.#sessions.values()) {
      if (!session.busy && session.record.lastUsedAt <= idleSince)
        this.end(session, 'the session was idle for too long');
    }
    this.#arm();
  }
}
