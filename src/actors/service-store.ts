/** A service's life as the log holds it: its registration, its wake with the check of invariant 6, its commits. */

import type { ServiceConfig } from '../backends/config/service-config.ts';
import { configFingerprint, configFromJson, configToJson } from '../backends/config/stored-config.ts';
import { StorageError } from '../store/errors.ts';
import { type EventLog, type JsonObject, NO_TOKEN, type Token } from '../store/event-log.ts';
import type { Transition } from './journal.ts';
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

/** A service as it was found in, or put into, the log. */
export interface StoredService {
  readonly state: ServiceSnapshot;
  readonly token: Token;
  /** Why code and log no longer agree on this service; null when they do. */
  readonly divergence: string | null;
}

const CONFIG = 'config';

export class ServiceStore {
  readonly #log: EventLog;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Writes the first record of a service. @throws {Refusal} 0009 when it cannot be written */
  register(id: string, order: StartOrder, policy: Policy, at: number): StoredService {
    const config = configFingerprint(order.config);
    const event = { type: 'registered', serviceType: order.type, config, policy, at } satisfies Registration;
    const state = initialState({ type: order.type, config, policy, at });
    const draft = {
      at,
      event: event as unknown as JsonObject & Registration,
      to: toDurable(state),
      owed: owedOf(state),
    };
    const documents = { [CONFIG]: configToJson(order.config) };
    try {
      return { state, token: this.#log.append(id, NO_TOKEN, [{ ...draft, documents }]), divergence: null };
    } catch (error) {
      throw new Refusal('0009', `the event log cannot be written: ${(error as Error).message}`, 1000);
    }
  }

  /** Finds a service by its head and folds its records since the last checkpoint; undefined when there is none.
   * @throws {Refusal} 0005 its head cannot be used: this service is out of order, the others are not; 0009 the log cannot be read */
  load(id: string): StoredService | undefined {
    try {
      const head = this.#log.head(id);
      if (head === undefined) return undefined;
      const recent = this.#log.recent(id, sinceCheckpoint(head.record.n) + 1);
      const divergence = verify(sinceDivergence(recent));
      return {
        state: fromDurable(head.record.to),
        token: head.token,
        divergence: divergence?.reason ?? null,
      };
    } catch (error) {
      if (error instanceof StorageError)
        throw new Refusal('0009', `the event log cannot be read: ${error.message}`, 1000);
      throw new Refusal('0005', `its last record cannot be used: ${(error as Error).message}`);
    }
  }

  /** Makes a transition durable (invariant 7). @throws {StorageError | ConflictError} nothing was written then */
  commit({ id, event, to, documents }: Transition, expected: Token): Token {
    const draft = { at: event.at, event, to: toDurable(to), owed: owedOf(to), removed: to.status === 'done' };
    return this.#log.append(id, expected, [documents === undefined ? draft : { ...draft, documents }]);
  }

  /** The stored config; undefined when there is none. */
  config(id: string): ServiceConfig | undefined {
    const document = this.#log.document(id, CONFIG);
    return document === undefined ? undefined : configFromJson(document);
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
