/**
 * The way to a remote MCP server for as long as a client lives: a transport, and another when that is lost. A client that
 * was initialized does not notice: its `initialize` is said again, and its answer kept from it.
 */
import type { CallFailure } from '../../backends/backend.ts';
import { type Clock, systemClock } from '../../backends/clock.ts';
import type { RemoteConfig } from '../../backends/config/service-config.ts';
import { backoffMs, DEFAULT_BACKOFF, pause } from '../../backends/remote/backoff.ts';
import { describeOutgoing, type Outgoing } from '../../backends/remote/outgoing.ts';
import { notificationText } from '../../backends/rpc/build.ts';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import { isObject, objectIn, readHead } from '../../backends/rpc/places.ts';
import {
  type Transport,
  type TransportEvents,
  TransportFull,
  TransportGone,
} from '../../backends/transport.ts';
import { messageOf } from '../../message-of.ts';

/** Opens a transport; nothing of it is left when it rejects. */
export type OpenTransport = (
  config: RemoteConfig,
  events: TransportEvents,
  signal: AbortSignal,
) => Promise<Transport>;

export interface LinkListener {
  fromServer(text: string): void;
  failed(id: RpcId | null, failure: CallFailure): void;
  /** The link broke; what is under way got no answer. It is mended by itself. */
  lost(reason: string): void;
  /** For people, without a secret. */
  say(sentence: string): void;
}

/** Bytes that wait for a link that is being mended; past it a request fails. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;

export class RemoteLink {
  readonly #config: RemoteConfig;
  readonly #open: OpenTransport;
  readonly #listener: LinkListener;
  readonly #handshakeTimeoutMs: number;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  #transport: Transport | null = null;
  #mending: Promise<void> | null = null;
  #waiting: Outgoing[] = [];
  #waitingBytes = 0;
  #initialize: Outgoing | null = null;
  /** Hears the answer to an `initialize` that is said again. */
  #onIntroduced: ((failure: string | null) => void) | null = null;

  /** @param handshakeTimeoutMs how long the server may take for an `initialize` that is said again */
  constructor(
    config: RemoteConfig,
    open: OpenTransport,
    listener: LinkListener,
    handshakeTimeoutMs: number,
    clock: Clock = systemClock,
  ) {
    this.#config = config;
    this.#open = open;
    this.#listener = listener;
    this.#handshakeTimeoutMs = handshakeTimeoutMs;
    this.#clock = clock;
  }

  /** Sends one message, or keeps it until the link is mended. Never throws: a request that cannot be sent is told as failed. */
  send(text: string): void {
    const message = describeOutgoing(text);
    if (message.method === 'initialize') this.#initialize = message;
    if (this.#transport === null) this.#keep(message);
    else this.#hand(this.#transport, message);
  }

  /** Ends the session at the server, too. Idempotent. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#mending;
    await this.#transport?.close();
  }

  #hand(transport: Transport, message: Outgoing): void {
    try {
      transport.send(message.text);
    } catch (error) {
      if (!(error instanceof TransportGone) && !(error instanceof TransportFull)) throw error;
      this.#fail(message, error.message);
    }
  }

  #keep(message: Outgoing): void {
    if (this.#over.signal.aborted || this.#waitingBytes + message.bytes > MAX_QUEUED_BYTES) {
      this.#fail(message, 'too much waits for a server that cannot be reached');
      return;
    }
    this.#waiting.push(message);
    this.#waitingBytes += message.bytes;
    this.#mending ??= this.#mend(false).finally(() => {
      this.#mending = null;
    });
  }

  #fail({ id }: Outgoing, reason: string): void {
    this.#listener.failed(id, { kind: 'lost', reason, delivered: false });
  }

  /** Opens a transport, again and again until one is there. What waits fails with each attempt: a client is not kept guessing. */
  async #mend(again: boolean): Promise<void> {
    for (let failures = 0; !this.#over.signal.aborted; ) {
      const failure = await this.#attempt(again);
      if (failure === null) return;
      failures++;
      for (const message of this.#takeWaiting()) this.#fail(message, failure);
      if (!again) return; // nobody has been introduced yet: the client's next message is the next attempt
      this.#listener.say(`${failure}; trying again`);
      await pause(this.#clock, backoffMs(failures, DEFAULT_BACKOFF), this.#over.signal);
    }
  }

  /** null: the transport is there. */
  async #attempt(again: boolean): Promise<string | null> {
    try {
      const transport = await this.#open(this.#config, this.#events(), this.#over.signal);
      const failure = again ? await this.#introduce(transport) : null;
      if (failure !== null) {
        await transport.close();
        return failure;
      }
      this.#transport = transport;
      if (again) this.#listener.say('connected again');
      for (const message of this.#takeWaiting()) this.#hand(transport, message);
      void transport.gone.then(({ message }) => this.#gone(transport, message));
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  #gone(transport: Transport, reason: string): void {
    if (this.#transport !== transport || this.#over.signal.aborted) return;
    this.#transport = null;
    this.#listener.say(`lost the server: ${reason}`);
    this.#listener.lost(reason);
    void transport.close();
    if (this.#initialize === null) return; // of the stateless era: the next request opens the next transport
    this.#mending ??= this.#mend(true).finally(() => {
      this.#mending = null;
    });
  }

  /** Says the client's `initialize` again. Resolves with null, or why it was refused. */
  async #introduce(transport: Transport): Promise<string | null> {
    if (this.#initialize === null) return null;
    const introduced = new Promise<string | null>(resolve => {
      this.#onIntroduced = resolve;
    });
    const gone = transport.gone.then(({ message }) => message);
    const done = new AbortController();
    const late = pause(this.#clock, this.#handshakeTimeoutMs, done.signal).then(
      () => `the server did not answer initialize in ${this.#handshakeTimeoutMs} ms`,
    );
    const giveUp = () => this.#onIntroduced?.('closed');
    this.#over.signal.addEventListener('abort', giveUp);
    if (this.#over.signal.aborted) giveUp();
    transport.send(this.#initialize.text);
    const failure = await Promise.race([introduced, gone, late]);
    done.abort();
    this.#over.signal.removeEventListener('abort', giveUp);
    this.#onIntroduced = null;
    if (failure === null) transport.send(notificationText('notifications/initialized'));
    return failure;
  }

  #takeWaiting(): readonly Outgoing[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return waiting;
  }

  #events(): TransportEvents {
    const isIntroduction = (id: unknown) => this.#onIntroduced !== null && id === this.#initialize?.id;
    return {
      onMessage: text => {
        if (this.#onIntroduced !== null && isIntroduction(readHead(text).responseId)) {
          const isGood = isObject(objectIn(text)?.result);
          this.#onIntroduced(isGood ? null : 'the server refused to be initialized again');
        } else this.#listener.fromServer(text);
      },
      onOversized: bytes => this.#listener.say(`left out a message of ${bytes} bytes, which is too long`),
      onActivity: () => {},
      onFailed: (id, failure) => {
        if (this.#onIntroduced !== null && isIntroduction(id)) this.#onIntroduced(failure.reason);
        else this.#listener.failed(id, failure);
      },
      onRenewed: () => this.#listener.say('the server had forgotten the session; a new one was begun'),
    };
  }
}
