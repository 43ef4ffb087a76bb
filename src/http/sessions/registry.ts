/**
 * All live sessions of the gateway: bounded in number, reaped when idle (invariant 10). Those of the Streamable HTTP
 * front are stored, too: one that an earlier life opened is live again as soon as its client presents its id.
 */
import { Refusal } from '../../actors/refusal.ts';
import { fits, type Introduction, isDurable, type SessionClaim, type SessionRecord } from './record.ts';
import type { Session } from './session.ts';
import { type MakerOptions, SessionMaker } from './session-maker.ts';

export interface RegistryOptions extends MakerOptions {
  /** Most sessions at a time, over all services and both fronts. */
  readonly maxSessions: number;
  /** At least 128 random bits as visible ASCII that needs no escaping in a URL. */
  readonly randomId: () => string;
  /** Hears of every session that ended. */
  readonly onEnded?: (session: Session) => void;
}

/** When another session may have ended; only a hint. */
const FULL_RETRY_MS = 5_000;
const LONGEST_REAP_MS = 60_000;

export class SessionRegistry {
  readonly #sessions = new Map<string, Session>();
  readonly #options: RegistryOptions;
  readonly #reapEveryMs: number;
  readonly #maker: SessionMaker;
  #timer: unknown = null;
  #closed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#reapEveryMs = Math.min(LONGEST_REAP_MS, Math.ceil(options.sessionIdleMs / 4));
    this.#maker = new SessionMaker(options);
    this.#arm();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** How many are stored. */
  get storedCount(): number {
    return this.#options.keeper.count;
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

  /** An id for a session that is about to be created. */
  newId(): string {
    return this.#options.randomId();
  }

  /** Whether a session with that id is open and initialized. */
  isInitialized(id: string): boolean {
    const session = this.#sessions.get(id);
    return session !== undefined && session.record.introduction !== null;
  }

  /** @throws {Refusal} 0009 as `requireRoom` */
  create(claim: SessionClaim, introduction: Introduction | null, id: string = this.newId()): Session {
    this.requireRoom();
    const now = this.#options.clock.now();
    const { serviceId, front, owner } = claim;
    const settings = { logLevel: null, subscriptions: [] };
    return this.#enliven({
      id,
      serviceId,
      front,
      owner,
      createdAt: now,
      lastUsedAt: now,
      introduction,
      ...settings,
    });
  }

  /** Resolves when the session will survive a restart, or could not be stored. */
  stored({ record }: Session): Promise<void> {
    return this.#options.keeper.save(record);
  }

  /** The session, if it is one of this service, front and owner; counts as use of it. @throws {Refusal} 0009 as `requireRoom` */
  find(id: string, claim: SessionClaim): Session | undefined {
    const session = this.#sessions.get(id) ?? this.#revive(id, claim);
    if (session === undefined || !fits(session.record, claim)) return undefined;
    session.touch();
    return session;
  }

  /** The live sessions of a service. */
  of(serviceId: string): Session[] {
    return [...this.#sessions.values()].filter(({ record }) => record.serviceId === serviceId);
  }

  /** Ends a session and forgets it; its open calls fail with `reason`. Resolves when no restart revives it. Idempotent. */
  end(session: Session, reason: string): Promise<void> {
    if (!this.#close(session, reason) || !isDurable(session.record)) return Promise.resolve();
    this.#options.book.forgetSession(session.id);
    return this.#options.keeper.forget(session.record);
  }

  /** Ends the sessions of a service that was removed, those that are only stored included. */
  endService(serviceId: string): void {
    for (const session of this.of(serviceId)) void this.end(session, 'its service was removed');
    for (const id of this.#options.keeper.forgetService(serviceId)) this.#options.book.forgetSession(id);
  }

  /** Opens no more sessions; streams end as soon as their session has no call under way. */
  drain(): void {
    this.#closed = true;
    for (const session of [...this.#sessions.values()]) session.drain();
  }

  /** Ends all sessions in this life and stops the reaper: those that are stored are live again in the next. */
  endAll(reason: string): void {
    this.drain();
    const { keeper, book, clock } = this.#options;
    for (const session of [...this.#sessions.values()]) this.#close(session, reason);
    if (this.#timer !== null) clock.clearTimeout(this.#timer);
    this.#timer = null;
    keeper.flush();
    book.close();
  }

  #enliven(record: SessionRecord): Session {
    const session = this.#maker.make(record);
    this.#sessions.set(record.id, session);
    this.#arm();
    return session;
  }

  /** A session of an earlier life, unless it has been idle for too long. */
  #revive(id: string, claim: SessionClaim): Session | undefined {
    const { serviceId, front } = claim;
    const record = isDurable({ front }) ? this.#options.keeper.find({ serviceId, id }) : null;
    if (record === null || !fits(record, claim) || record.lastUsedAt <= this.#idleSince()) return undefined;
    this.requireRoom();
    return this.#enliven(record);
  }

  /** False when it was ended already. */
  #close(session: Session, reason: string): boolean {
    const wasOpen = this.#sessions.delete(session.id);
    session.end(reason);
    if (wasOpen) this.#options.onEnded?.(session);
    return wasOpen;
  }

  #idleSince(): number {
    return this.#options.clock.now() - this.#options.sessionIdleMs;
  }

  #arm(): void {
    if (this.#timer !== null || (this.#sessions.size === 0 && this.#options.keeper.count === 0)) return;
    this.#timer = this.#options.clock.setTimeout(() => this.#reap(), this.#reapEveryMs);
  }

  #reap(): void {
    this.#timer = null;
    const { keeper, book, clock } = this.#options;
    const noted = clock.now() - 2 * this.#reapEveryMs;
    const used: SessionRecord[] = [];
    for (const session of this.#sessions.values()) {
      if (session.busy) session.touch();
      if (session.record.lastUsedAt <= this.#idleSince())
        void this.end(session, 'the session was idle for too long');
      else if (isDurable(session.record) && session.record.lastUsedAt >= noted) used.push(session.record);
    }
    keeper.touch(used);
    // What is live was noted at most one round ago.
    for (const id of keeper.sweep(this.#idleSince() - 2 * this.#reapEveryMs)) book.forgetSession(id);
    this.#arm();
  }
}
