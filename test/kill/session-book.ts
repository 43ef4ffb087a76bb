/** The sessions clients opened, and whether they can go on with them. */

export interface KnownSession {
  readonly id: string;
  readonly service: string;
  /** `open`: it was acknowledged; `closed`: so was its end, or its service's; `unclear`: an answer never came. */
  state: 'open' | 'unclear' | 'closed';
}

/** Those that are remembered: open ones, to be gone on with, and closed ones, to see that they do not come back. */
const MAX_OPEN = 12;
const MAX_CLOSED = 30;

export class SessionBook {
  readonly #sessions = new Map<string, KnownSession>();
  /** By service: grows at the begin and the end of each removal. */
  readonly #removals = new Map<string, number>();

  get all(): KnownSession[] {
    return [...this.#sessions.values()];
  }

  /** A session is about to be opened; the returned call takes its id. What happens beside a removal is unclear. */
  open(service: string): (id: string) => KnownSession {
    const before = this.#removals.get(service) ?? 0;
    return id => {
      const beside = before % 2 === 1 || before !== (this.#removals.get(service) ?? 0);
      const session: KnownSession = { id, service, state: beside ? 'unclear' : 'open' };
      this.#sessions.set(id, session);
      this.#limit('open', MAX_OPEN);
      return session;
    };
  }

  /** The end of a session is about to be asked for; the returned call says that it was acknowledged. */
  end(session: KnownSession): () => void {
    session.state = 'unclear';
    return () => this.#close([session]);
  }

  /** The same for a whole service. */
  remove(service: string): () => void {
    const affected = this.all.filter(session => session.service === service && session.state !== 'closed');
    for (const session of affected) session.state = 'unclear';
    this.#removals.set(service, (this.#removals.get(service) ?? 0) + 1);
    return () => {
      this.#removals.set(service, (this.#removals.get(service) ?? 0) + 1);
      this.#close(affected);
    };
  }

  /** The life is over: removals that were under way are no longer. */
  cut(): void {
    for (const [service, count] of this.#removals)
      if (count % 2 === 1) this.#removals.set(service, count + 1);
  }

  forget({ id }: KnownSession): void {
    this.#sessions.delete(id);
  }

  #close(sessions: readonly KnownSession[]): void {
    for (const session of sessions) session.state = 'closed';
    this.#limit('closed', MAX_CLOSED);
  }

  #limit(state: KnownSession['state'], most: number): void {
    const alike = this.all.filter(session => session.state === state);
    for (const session of alike.slice(0, Math.max(0, alike.length - most))) this.forget(session);
  }
}
