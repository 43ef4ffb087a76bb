/** The legacy handshake with a backend: `initialize`, its answer, `notifications/initialized`. */
import type { Json, JsonObject } from '../store/event-log.ts';
import { type Handshake, StartFailure } from './backend.ts';
import { LATEST_LEGACY_VERSION, LEGACY_VERSIONS } from './protocol-versions.ts';
import { errorText, INVALID_REQUEST, notificationText, requestText, resultText } from './rpc/build.ts';
import { isObject } from './rpc/places.ts';
import { NotJsonRpc, type ParsedMessage, parseMessage } from './rpc/text.ts';
import { type Transport, type TransportEvents, TransportGone } from './transport.ts';

/** Not 0, which careless servers take for no id. The multiplexer's ids begin behind it. */
const INITIALIZE_ID = 1;

export interface ClientIdentity {
  /** Version of Evergate, told to the backend. */
  readonly version: string;
  /** Client capabilities offered to the backend. */
  readonly capabilities: JsonObject;
}

interface Waiting {
  readonly transport: Transport;
  readonly resolve: (handshake: Handshake) => void;
  readonly reject: (failure: StartFailure) => void;
}

/** Listens to a backend from its first byte until the handshake is done. */
export class HandshakeExchange implements TransportEvents {
  readonly #onMoving: () => void;
  #waiting: Waiting | null = null;
  #garbage = 0;

  /** `onMoving` is called for every byte: a start that moves is installing, not hung. */
  constructor(onMoving: () => void) {
    this.#onMoving = onMoving;
  }

  /** Lines so far that were no JSON-RPC message. */
  get garbage(): number {
    return this.#garbage;
  }

  /**
   * Performs the handshake; call it once. It has no time limit of its own.
   * @throws {StartFailure} the backend refuses, answers nonsense or an unknown protocol version, or cannot be written to
   */
  perform(transport: Transport, { version, capabilities }: ClientIdentity): Promise<Handshake> {
    return new Promise((resolve, reject) => {
      this.#waiting = { transport, resolve, reject };
      const clientInfo = { name: 'evergate', version };
      const params = { protocolVersion: LATEST_LEGACY_VERSION, capabilities, clientInfo };
      this.#send(this.#waiting, requestText(INITIALIZE_ID, 'initialize', params));
    });
  }

  onMessage(text: string): void {
    const parsed = this.#parse(text);
    const waiting = this.#waiting;
    if (parsed === null || waiting === null) return;
    const { message } = parsed;
    if (message.kind === 'response') {
      if (message.id === INITIALIZE_ID) this.#answered(waiting, parsed);
    } else if (message.kind === 'request') {
      // Of a server's requests only `ping` is allowed before `initialized` (specification, lifecycle).
      const early = errorText(message.id, INVALID_REQUEST, 'the session is not initialized yet');
      this.#send(waiting, message.method === 'ping' ? resultText(message.id) : early);
    }
  }

  onOversized(): void {
    this.#garbage++;
  }

  onActivity(): void {
    this.#onMoving();
  }

  #parse(text: string): ParsedMessage | null {
    try {
      return parseMessage(text);
    } catch (error) {
      if (!(error instanceof NotJsonRpc)) throw error;
      this.#garbage++;
      return null;
    }
  }

  #answered(waiting: Waiting, { message }: ParsedMessage): void {
    this.#waiting = null;
    try {
      const handshake = readAnswer(JSON.parse(message.text));
      if (this.#send(waiting, notificationText('notifications/initialized'))) waiting.resolve(handshake);
    } catch (error) {
      waiting.reject(error instanceof StartFailure ? error : new StartFailure(String(error)));
    }
  }

  #send({ transport, reject }: Waiting, text: string): boolean {
    try {
      transport.send(text);
      return true;
    } catch (error) {
      // `gone` resolves then, and tells why.
      if (error instanceof TransportGone) return false;
      const reason = error instanceof Error ? error.message : String(error);
      reject(new StartFailure(`the backend could not be written to during initialize: ${reason}`));
      return false;
    }
  }
}

function readAnswer(answer: { readonly result?: Json; readonly error?: Json }): Handshake {
  const { result, error } = answer;
  if (isObject(error)) {
    throw new StartFailure(
      `the backend refused initialize: ${String(error.message)} (${String(error.code)})`,
    );
  }
  if (!isObject(result)) throw new StartFailure('the backend answered initialize without a result object');
  const { protocolVersion, capabilities, serverInfo, instructions } = result;
  if (typeof protocolVersion !== 'string' || !LEGACY_VERSIONS.includes(protocolVersion)) {
    const supported = LEGACY_VERSIONS.join(', ');
    const named = JSON.stringify(protocolVersion ?? null).slice(0, 100);
    throw new StartFailure(
      `the backend answered initialize with "protocolVersion" ${named}; supported: ${supported}`,
    );
  }
  return {
    era: 'legacy',
    protocolVersion,
    capabilities: isObject(capabilities) ? (capabilities as JsonObject) : {},
    serverInfo: isObject(serverInfo) ? (serverInfo as JsonObject) : {},
    ...(typeof instructions === 'string' ? { instructions } : {}),
  };
}
