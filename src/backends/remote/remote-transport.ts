/**
 * A lane's transport over HTTP. It carries messages over one session at the remote, and begins another when the remote
 * has forgotten that one: it says the recorded `initialize` again and what was never taken goes on over the new session.
 * What the remote had taken is lost; nothing is sent twice that may have been delivered (invariant 3).
 */
import type { LossReason } from '../backend.ts';
import { type Transport, type TransportEvents, TransportGone } from '../transport.ts';
import { type HandshakeListener, handshakeAgain, versionOf } from './handshake-again.ts';
import { answers, belongsToSession, describeOutgoing, type Outgoing } from './outgoing.ts';
import { asFailure, type RemoteFailure } from './remote-failure.ts';
import type { BeginSession, RemoteSession, SessionEvents, SessionOptions } from './remote-session.ts';
import { WaitingRoom, type WaitingRoomLimits } from './waiting-room.ts';

export interface RemoteTransportOptions extends SessionOptions, WaitingRoomLimits {}

/** The beginning of a session, recorded to be said again. */
interface Beginning {
  readonly initialize: Outgoing;
  /** The version that the remote agreed to; null until then. */
  version: string | null;
}

export class RemoteTransport implements Transport {
  readonly gone: Promise<LossReason>;
  readonly #options: RemoteTransportOptions;
  readonly #begin: BeginSession;
  readonly #events: TransportEvents;
  readonly #waiting: WaitingRoom;
  readonly #over = new AbortController();
  #resolveGone: (reason: LossReason) => void = () => {};
  #session: RemoteSession;
  #beginning: Beginning | null = null;
  /** Why nothing can be sent any more. */
  #lost: string | null = null;
  #closed: Promise<void> | null = null;
  /** Sessions begun since a request was taken last. */
  #renewals = 0;
  #isRenewing = false;
  /** Why the session that is being begun has ended already; null: it has not. */
  #endedEarly: string | null = null;
  /** Sent once before, over a session that the remote had forgotten. */
  readonly #again = new WeakSet<Outgoing>();

  constructor(options: RemoteTransportOptions, begin: BeginSession, events: TransportEvents) {
    this.#options = options;
    this.#begin = begin;
    this.#events = events;
    this.#waiting = new WaitingRoom(options);
    this.gone = new Promise(resolve => {
      this.#resolveGone = resolve;
    });
    this.#session = this.#nextSession();
  }

  /** Makes it possible to send; call it once, first. @throws {RemoteFailure} */
  async open(signal: AbortSignal): Promise<void> {
    await this.#session.open(signal);
  }

  send(text: string, headers?: Readonly<Record<string, string>>): void {
    if (this.#lost !== null) throw new TransportGone(this.#lost);
    const message = describeOutgoing(text, headers);
    this.#waiting.admit(message, this.#session.connections);
    if (message.cancels !== null && this.#waiting.withdraw(message.cancels)) {
      this.#waiting.release(message);
      return;
    }
    if (message.method === 'initialize') {
      this.#beginning = { initialize: message, version: null };
      this.#waiting.shut();
      void this.#carry(message);
    } else if (message.method === 'notifications/initialized') void this.#introduced(message);
    else if (this.#waiting.isShut && belongsToSession(message)) this.#waiting.keep(message);
    else void this.#carry(message);
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    const reachable = this.#lost === null;
    this.#lose('the connection to the backend was closed');
    if (reachable) await this.#session.end();
    this.#options.http.close();
  }

  /** The handshake is done once the remote has taken this; then the rest may follow. */
  async #introduced(message: Outgoing): Promise<void> {
    const session = this.#session;
    await this.#carry(message);
    if (this.#lost !== null || session !== this.#session) return;
    session.listen();
    this.#flush();
  }

  #flush(): void {
    for (const message of this.#waiting.open()) void this.#carry(message);
  }

  /** Brings one message to the remote, or tells why that failed. Never rejects. */
  async #carry(message: Outgoing): Promise<void> {
    const session = this.#session;
    try {
      await session.post(message);
      this.#waiting.release(message);
      if (message.id !== null) this.#renewals = 0;
    } catch (error) {
      const failure = asFailure(error);
      if (failure.fault === 'session') this.#forgotten(message, session, failure);
      else this.#failed(message, failure);
    }
  }

  #failed(message: Outgoing, failure: RemoteFailure): void {
    this.#waiting.release(message);
    if (this.#lost === null) this.#events.onFailed?.(message.id, failure.toCallFailure());
  }

  /**
   * The remote took nothing, for want of the session. A request goes over the next one, once; what else was said belonged
   * to the session and goes with it.
   */
  #forgotten(message: Outgoing, session: RemoteSession, failure: RemoteFailure): void {
    const once = message.id !== null && !this.#again.has(message) && this.#beginning?.version !== null;
    if (this.#lost !== null || !once) this.#failed(message, failure);
    else {
      this.#again.add(message);
      if (session === this.#session || this.#waiting.isShut) this.#waiting.keep(message);
      else void this.#carry(message);
    }
    void this.#renew(session, failure.message);
  }

  /** Begins another session in place of one that has ended; one at a time. Never rejects. */
  async #renew(ended: RemoteSession, reason: string): Promise<void> {
    if (this.#lost !== null || this.#isRenewing || ended !== this.#session) return;
    const { initialize, version = null } = this.#beginning ?? {};
    if (initialize === undefined || version === null || this.#renewals++ > this.#options.backoff.maxRetries) {
      this.#lose(reason);
      return;
    }
    this.#waiting.shut();
    ended.drop(`${reason}; a new session was begun, and what the old one had under way is lost`);
    this.#isRenewing = true;
    const begin = (listener: HandshakeListener) => this.#beginAgain(listener);
    const failure = await handshakeAgain({ initialize, version }, this.#options, this.#over.signal, begin);
    this.#isRenewing = false;
    if (this.#over.signal.aborted) return;
    if (failure !== null) this.#lose(`${reason}, and no new session could be begun: ${failure}`);
    else if (this.#endedEarly !== null) void this.#renew(this.#session, this.#endedEarly);
    else {
      this.#events.onRenewed?.();
      this.#session.listen();
      this.#flush();
    }
  }

  #beginAgain(listener: HandshakeListener): RemoteSession {
    this.#endedEarly = null;
    this.#session = this.#nextSession(listener);
    return this.#session;
  }

  #ended(session: RemoteSession, listener: HandshakeListener | null, reason: string): void {
    if (this.#isRenewing) {
      this.#endedEarly = reason;
      listener?.failed({ kind: 'lost', reason, delivered: true });
    } else void this.#renew(session, reason);
  }

  /** A session whose news count as long as it is the present one. `listener`: who waits for its handshake, if not the lane. */
  #nextSession(listener: HandshakeListener | null = null): RemoteSession {
    const present = (callback: () => void) => {
      if (this.#session === session && this.#lost === null) callback();
    };
    const events: SessionEvents = {
      onMessage: text => present(() => this.#heard(text, listener)),
      onOversized: (bytes, head, tail) => present(() => this.#events.onOversized(bytes, head, tail)),
      onActivity: () => this.#events.onActivity(),
      // Of a session that has ended, too: its calls are still owed an outcome.
      onFailed: (id, failure) => {
        if (listener !== null && id === listener.id) listener.failed(failure);
        else if (this.#lost === null) this.#events.onFailed?.(id, failure);
      },
      onEnded: reason => present(() => this.#ended(session, listener, reason)),
      onUnreachable: reason => present(() => this.#lose(reason)),
    };
    const session = this.#begin(events);
    return session;
  }

  #heard(text: string, listener: HandshakeListener | null): void {
    if (listener !== null && answers(text, listener.id)) {
      listener.answered(text);
      return;
    }
    const beginning = this.#beginning;
    if (beginning?.version === null && answers(text, beginning.initialize.id)) {
      beginning.version = versionOf(text);
      this.#session.protocolVersion = beginning.version;
    }
    this.#events.onMessage(text);
  }

  #lose(message: string): void {
    if (this.#lost !== null) return;
    this.#lost = message;
    this.#over.abort();
    // What still waited for a session was never taken: whoever hears of the loss would have to say that it may have been.
    for (const { id } of this.#waiting.open())
      this.#events.onFailed?.(id, { kind: 'lost', reason: message, delivered: false });
    this.#waiting.clear();
    this.#resolveGone({ message, exitCode: null, signal: null });
    this.#session.drop(message);
  }
}
