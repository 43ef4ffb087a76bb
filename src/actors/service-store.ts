/** A service's life as the log holds it: its registration, its wake with the check of invariant 6, its commits. */

import type { ServiceConfig } from '../backends/config/service-config.ts';
import { configFingerprint, configFromJson, configToJson } from '../backends/config/stored-config.ts';
import { StorageError, UnreadableRecordError } from '../store/errors.ts';
import { type EventLog, type JsonObject, type LogRecord, NO_TOKEN, type Token } from '../store/event-log.ts';
import type { Transition } from './journal.ts';
import { LAUNCHES } from './launch-history.ts';
import type { Policy } from './machine/model.ts';
import { Refusal } from './refusal.ts';
import {
  fromDurable,
  initialState,
  type Registration,
  type ServiceSnapshot,
  sinceCheckpoint,
  sinceDivergence,
  toDurable,
  verify,
} from './replay.ts';
import type { StartOrder } from './services.ts';
import { owedOf } from './status.ts';
import { type RecordedTools, TOOLS, toolListFromJson } from './tool-list.ts';

/** A service as it was found in, or put into, the log. */
export interface StoredService {
  readonly state: ServiceSnapshot;
  readonly token: Token;
  /** Why code and log no longer agree on this service; null when they do. */
  readonly divergence: string | null;
}

/** A service that has just been put into the log, and what its first record says. */
interface Registered extends StoredService, Pick<Transition, 'event' | 'documents'> {}

/** Name of the document that holds a service's config. */
export const CONFIG = 'config';
/** Name of the document that holds what its backend last said of itself. */
export const HANDSHAKE = 'handshake';

export class ServiceStore {
  readonly #log: EventLog;
  readonly #maxServices: number;

  /** @param maxServices most services that may be registered, those at rest included */
  constructor(log: EventLog, maxServices = Number.POSITIVE_INFINITY) {
    this.#log = log;
    this.#maxServices = maxServices;
  }

  /** Writes the first record of a service. @throws {Refusal} 0009 when it cannot be written, or the bound is reached */
  register(id: string, order: StartOrder, policy: Policy, at: number): Registered {
    const config = configFingerprint(order.config);
    const registration = {
      type: 'registered',
      serviceType: order.type,
      config,
      policy,
      at,
    } satisfies Registration;
    const event = registration as unknown as JsonObject & Registration;
    const state = initialState({ type: order.type, config, policy, at });
    const draft = { at, event, to: toDurable(state), owed: owedOf(state) };
    const documents = { [CONFIG]: configToJson(order.config) };
    this.#requireRoom();
    try {
      const token = this.#log.append(id, NO_TOKEN, [{ ...draft, documents }]);
      return { state, token, divergence: null, event, documents };
    } catch (error) {
      throw new Refusal('0009', `the event log cannot be written: ${(error as Error).message}`, 1000);
    }
  }

  /** `seq` of the last record that was written. */
  get appendedSeq(): number {
    return this.#log.appendedSeq;
  }

  #requireRoom(): void {
    if (this.#count() < this.#maxServices) return;
    const reason = `maxServices (${this.#maxServices}) is reached: delete a service that is no longer needed`;
    throw new Refusal('0009', reason);
  }

  #count(): number {
    try {
      return this.#log.count();
    } catch (error) {
      throw new Refusal('0009', `the event log cannot be read: ${(error as Error).message}`, 1000);
    }
  }

  /** Finds a service by its head and folds its records since the last checkpoint; undefined when there is none.
   * @throws {Refusal} 0005 its head cannot be used: this service is out of order, the others are not; 0009 the log cannot be read */
  load(id: string): StoredService | undefined {
    try {
      const head = this.#log.head(id);
      if (head === undefined) return undefined;
      return {
        state: fromDurable(head.record.to),
        token: head.token,
        divergence: this.#divergence(id, head.record),
      };
    } catch (error) {
      if (error instanceof StorageError)
        throw new Refusal('0009', `the event log cannot be read: ${error.message}`, 1000);
      throw new Refusal('0005', `its last record cannot be used: ${(error as Error).message}`);
    }
  }

  /** Folds the records since the last checkpoint. One that cannot be read ends the service once, as a divergence does. */
  #divergence(id: string, head: LogRecord): string | null {
    try {
      const recent = this.#log.recent(id, sinceCheckpoint(head.n) + 1);
      return verify(sinceDivergence(recent))?.reason ?? null;
    } catch (error) {
      if (!(error instanceof UnreadableRecordError) || error.seq === null) throw error;
      const since = sinceDivergence(this.#log.read(id, error.seq + 1));
      const isAnsweredFor = since[0]?.event.type === 'divergence found';
      return isAnsweredFor ? (verify(since)?.reason ?? null) : error.message;
    }
  }

  /** Makes a transition durable (invariant 7). @throws {StorageError | ConflictError} nothing was written then */
  commit({ id, event, to, documents }: Transition, expected: Token): Token {
    const draft = { at: event.at, event, to: toDurable(to), owed: owedOf(to), removed: to.status === 'done' };
    return this.#log.append(id, expected, [documents === undefined ? draft : { ...draft, documents }]);
  }

  /** Whether there is a config to start from. What cannot be read for now may be there. */
  hasConfig(id: string): boolean {
    try {
      return this.#log.document(id, CONFIG) !== undefined;
    } catch (error) {
      return error instanceof StorageError;
    }
  }

  /** The stored config; undefined when there is none. */
  config(id: string): ServiceConfig | undefined {
    const document = this.#log.document(id, CONFIG);
    return document === undefined ? undefined : configFromJson(document);
  }

  /** What was kept of its earlier starts; undefined when there is nothing, or it cannot be read. */
  launches(id: string): JsonObject | undefined {
    try {
      return this.#log.document(id, LAUNCHES);
    } catch (error) {
      if (error instanceof UnreadableRecordError || error instanceof StorageError) return undefined;
      throw error;
    }
  }

  /** The list of tools it last had; null when there is none, or it is damaged: the next start writes it anew.
   * @throws {Refusal} 0009 the log cannot be read */
  tools(id: string): RecordedTools | null {
    try {
      const document = this.#log.document(id, TOOLS);
      return document === undefined ? null : toolListFromJson(document);
    } catch (error) {
      if (error instanceof UnreadableRecordError) return null;
      throw new Refusal('0009', `the event log cannot be read: ${(error as Error).message}`, 1000);
    }
  }

  /** The event that makes an order's config and type those of the next start, and the document it brings along. */
  reconfiguration({ config, type }: StartOrder) {
    return {
      type: 'reconfigured' as const,
      config: configFingerprint(config),
      serviceType: type,
      documents: { [CONFIG]: configToJson(config) },
    };
  }
}
