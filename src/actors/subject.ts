/** A service that is about to be moved: what it is told changes nothing yet, it is worked out first, to be recorded as one. */
import type { Draft, Token } from '../store/event-log.ts';
import type { ServiceHandle } from './handle.ts';
import { type Enclosed, type Stamps, type Step, sameDurable, stamp } from './journal.ts';
import type { ServiceCommand } from './machine/model.ts';
import { fromDurable, nextState, type ServiceSnapshot, toDurable } from './replay.ts';
import { draftOf, type Registration } from './service-store.ts';

export class Subject {
  readonly id: string;
  /** The service in memory, or what it is to be registered as. */
  readonly origin: ServiceHandle | Registration;
  /** What is to be recorded, its registration first. */
  readonly drafts: Draft[] = [];
  /** What its actor is to be told once that is durable. */
  readonly steps: Step[] = [];
  readonly #stamps: Stamps;
  #state: ServiceSnapshot;

  constructor(id: string, origin: ServiceHandle | Registration, stamps: Stamps) {
    this.id = id;
    this.origin = origin;
    this.#stamps = stamps;
    this.#state = fromDurable(toDurable(origin.state));
    if ('draft' in origin) this.drafts.push(origin.draft);
  }

  /** It is registered with what it is about to be told. */
  get isNew(): boolean {
    return 'draft' in this.origin;
  }

  /** Where what it has been told leads to. */
  get state(): ServiceSnapshot {
    return this.#state;
  }

  /** Where its history in the log has to be for this. */
  get token(): Token {
    return this.origin.token;
  }

  tell(command: ServiceCommand & Enclosed): void {
    const { documents, anyway, event } = stamp(command, this.#stamps);
    const to = nextState(this.#state, event as never);
    const isRecorded = anyway || !sameDurable(this.#state, to);
    if (isRecorded) this.drafts.push(draftOf({ event, to, documents }));
    this.steps.push({ event, documents, isRecorded });
    this.#state = to;
  }
}
