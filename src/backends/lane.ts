/** One backend connection after its handshake, as the actors and the fronts know it. */
import type { JsonObject } from '../store/event-log.ts';
import type { Handshake, Lane, LaneSession, LossReason, SessionPort, SpawnRecord } from './backend.ts';
import type { Connection } from './connect.ts';
import { FilteredSession } from './filtered-session.ts';
import type { Counters } from './multiplexer/counters.ts';
import type { Multiplexer } from './multiplexer/multiplexer.ts';
import { Prober } from './prober.ts';
import type { RpcError } from './rpc/json-rpc.ts';
import { isObject } from './rpc/places.ts';
import { hideSecrets, withoutSecrets } from './secrets/hide.ts';
import type { ToolFilter } from './tool-filter.ts';

export interface LaneOptions {
  readonly generation: number;
  readonly handshake: Handshake;
  readonly connection: Connection;
  readonly multiplexer: Multiplexer;
  /** null: every tool may be seen and called. */
  readonly toolFilter: ToolFilter | null;
  /** Hears of each probe whether there was a sign of life. */
  readonly probed?: ((answered: boolean) => void) | undefined;
  /** What must not be shown of what the gateway itself learns here. */
  readonly secrets: readonly string[];
}

export class BackendLane implements Lane {
  readonly generation: number;
  readonly handshake: Handshake;
  readonly lost: Promise<LossReason>;
  readonly #connection: Connection;
  readonly #multiplexer: Multiplexer;
  readonly #toolFilter: ToolFilter | null;
  readonly #prober: Prober;
  readonly #secrets: readonly string[];

  constructor(options: LaneOptions) {
    const { generation, handshake, connection, multiplexer, toolFilter, probed, secrets } = options;
    this.generation = generation;
    this.handshake = handshake;
    this.#connection = connection;
    this.#multiplexer = multiplexer;
    this.#toolFilter = toolFilter;
    this.#secrets = secrets;
    this.#prober = new Prober(multiplexer, handshake, probed);
    // Whoever hears of the loss finds the calls already failed.
    this.lost = connection.transport.gone.then(given => {
      const reason = { ...given, message: hideSecrets(given.message, secrets) };
      multiplexer.lose(reason);
      return reason;
    });
  }

  get spawned(): SpawnRecord | null {
    return this.#connection.spawned;
  }

  get load(): number {
    return this.#multiplexer.load;
  }

  get inFlight(): number {
    return this.#multiplexer.inFlight;
  }

  get openSessions(): number {
    return this.#multiplexer.openSessions;
  }

  get lastSignOfLifeAt(): number {
    return this.#multiplexer.lastMessageAt;
  }

  get lastUsedAt(): number {
    return this.#multiplexer.lastUsedAt;
  }

  get stderrTail(): readonly string[] {
    return this.#connection.stderrTail();
  }

  get toolListRevision(): number {
    return this.#multiplexer.tools.revision;
  }

  onToolsChanged(listener: (announced: boolean) => void): () => void {
    return this.#multiplexer.tools.listen(listener);
  }

  /** What was refused or dropped on this lane, for the metrics. */
  get counters(): Counters {
    return this.#multiplexer.counters;
  }

  open(session: SessionPort): LaneSession {
    const opened = this.#multiplexer.open(session);
    return this.#toolFilter === null ? opened : new FilteredSession(opened, this.#toolFilter);
  }

  probe(timeoutMs: number): Promise<void> {
    return this.#prober.probe(timeoutMs);
  }

  async ask(
    method: string,
    params: JsonObject,
    timeoutMs: number,
  ): Promise<{ result?: unknown; error?: RpcError }> {
    const answer = await this.#multiplexer.ask(method, params, timeoutMs);
    const shown = withoutSecrets(answer, this.#secrets);
    // A cursor is not for showing: it goes back to the backend.
    if (isObject(answer.result) && isObject(shown.result) && typeof answer.result.nextCursor === 'string')
      shown.result.nextCursor = answer.result.nextCursor;
    return shown;
  }

  /** Calls under way fail at once: whoever closes a lane that still works has waited for them, or does not want to. */
  close(): Promise<void> {
    this.#multiplexer.lose({ message: 'the backend was stopped' });
    return this.#connection.transport.close();
  }
}
