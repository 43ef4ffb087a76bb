/** A service's life as the log holds it: its registration, its wake with the check of invariant 6, its commits. */

import type { ServiceConfig } from '../backends/config/service-config.ts';
import { configFingerprint, configFromJson, configToJson } from '../backends/config/stored-config.ts';
import { messageOf } from '../message-of.ts';
import { StorageError, UnreadableRecordError } from '../store/errors.ts';
import {
  type Append,
  type Appended,
  type Draft,
  type EventLog,
  type JsonObject,
  type LogRecord,
  NO_TOKEN,
  type Token,
} from '../store/event-log.ts';
import type { Transition } from './journal.ts';
import { LAUNCHES } from './launch-history.ts';
import type { Policy } from './machine/model.ts';
import { Refusal } from './refusal.ts';
import {
  type Registration as FirstEvent,
  fromDurable,
  initialState,
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

/** A service that is not in the log yet, and its first record. */
export interface Registration extends Pick<Transition, 'id' | 'event' | 'documents'> {
  readonly state: ServiceSnapshot;
  readonly token: Token;
  readonly draft: Draft;
}

/** Name of the document that holds a service's config. */
export const CONFIG = 'config';
/** Name of the document that holds what its backend last said of itself. */
export const HANDSHAKE = 'handshake';

/** When a service may have been deleted, in ms; only a hint. */
const FULL_RETRY_MS = 5_000;

export class ServiceStore {
  readonly #log: EventLog;
  readonly #maxServices: number;

  /** @param maxServices most services that may be registered, those at rest included */
  constructor(log: EventLog, maxServices = Number.POSITIVE_INFINITY) {
    this.#log = log;
    this.#maxServices = maxServices;
  }

  /**
   * What a service is to be registered as.
   * @param others services that are registered in the same transaction
   * @throws {Refusal} 0009 the bound is reached
   */
  registration(id: string, order: StartOrder, policy: Policy, at: number, others: number): Registration {
    this.#requireRoom(others);
    const config = configFingerprint(order.config);
    const event = { type: 'registered', serviceType: order.type, config, policy, at } satisfies FirstEvent;
    const state = initialState({ type: order.type, config, policy, at });
    const documents = { [CONFIG]: configToJson(order.config) };
    const told = { event: event as unknown as JsonObject & FirstEvent, documents };
    return { id, state, token: NO_TOKEN, ...told, draft: draftOf({ ...told, to: state }) };
  }

  /** `seq` of the last record that was written. */
  get appendedSeq(): number {
    return this.#log.appendedSeq;
  }

  #requireRoom(others: number): void {
    if (this.#count() + others < this.#maxServices) return;
    const reason = `maxServices (${this.#maxServices}) is reached: delete a service that is no longer needed`;
    throw new Refusal('0009', reason, FULL_RETRY_MS);
  }

  #count(): number {
    try {
      return this.#log.count();
    } catch (error) {
      throw new Refusal('0009', `the event log cannot be read: ${messageOf(error)}`, 1000);
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
      throw new Refusal('0005', `its last record cannot be used: ${messageOf(error)}`);
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
  commit(transition: Transition, expected: Token): Token {
    return this.#log.append(transition.id, expected, [draftOf(transition)]);
  }

  /** As `EventLog.appendAll`. */
  commitAll(appends: readonly Append[]): readonly Appended[] {
    return this.#log.appendAll(appends);
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
      throw new Refusal('0009', `the event log cannot be read: ${messageOf(error)}`, 1000);
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

/** The record of a transition, before the log has given it its place. */
export function draftOf({ event, to, documents }: Pick<Transition, 'event' | 'to' | 'documents'>): Draft {
  const draft = { at: event.at, event, to: toDurable(to), owed: owedOf(to), removed: to.status === 'done' };
  return documents === undefined ? draft : { ...draft, documents };
}
