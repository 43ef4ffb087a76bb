/** Services whose last record cannot be used: the one thing left to do with them is to remove them. */
import type { Clock } from '../backends/clock.ts';
import { messageOf } from '../message-of.ts';
import { StorageError, UnreadableRecordError } from '../store/errors.ts';
import { type Draft, type EventLog, NO_TOKEN, type Token } from '../store/event-log.ts';
import type { LiveServices } from './live.ts';
import type { Policy } from './machine/model.ts';
import { Refusal } from './refusal.ts';
import { fromDurable, initialState, nextState, type ServiceSnapshot, toDurable } from './replay.ts';

/** What removing an unusable service needs of the gateway. */
export interface Surroundings {
  readonly log: EventLog;
  readonly live: LiveServices;
  readonly clock: Clock;
  readonly policy: Policy;
}

/** Why the head of a service cannot be used: damaged, of a newer version, in a state this gateway does not know. null when
 * it can, or there is none. @throws {Refusal} 0009 the log cannot be read */
export function whyUnusable(log: EventLog, id: string): string | null {
  try {
    const head = log.head(id);
    if (head !== undefined) fromDurable(head.record.to);
    return null;
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof StorageError)) return message;
    throw new Refusal('0009', `the event log cannot be read: ${message}`, 1000);
  }
}

/**
 * Ends whatever runs of an unusable service, then takes it out of the log, which says why. What an earlier life left of it
 * was ended at boot.
 * @throws {Refusal} 0009 the log cannot be written: the service is as it was, without a backend
 */
export async function discard({ log, live, clock, policy }: Surroundings, id: string): Promise<void> {
  await live.forsake(id);
  const reason = whyUnusable(log, id);
  if (reason === null) return; // somebody else was faster
  const at = clock.now();
  const unknown = initialState({ type: 'OneShot', config: null, policy, at });
  const found = { type: 'divergence found', reason, at } as const;
  const ended = nextState(unknown, found);
  const event = { type: 'removal requested', at } as const;
  const to = nextState(ended, event);
  try {
    log.append(id, tokenOf(log, id), [draft(found, ended), { ...draft(event, to), removed: true }]);
  } catch (error) {
    throw new Refusal('0009', `the event log cannot be written: ${messageOf(error)}`, 1000);
  }
  live.events.emit('discarded', { id, event, to, documents: undefined, seq: log.appendedSeq });
}

function draft(event: Draft['event'] & { readonly at: number }, to: ServiceSnapshot): Draft {
  return { at: event.at, event, to: toDurable(to), owed: null };
}

/** A head that cannot be read has no version to go by. */
function tokenOf(log: EventLog, id: string): Token {
  try {
    return log.head(id)?.token ?? NO_TOKEN;
  } catch (error) {
    if (error instanceof UnreadableRecordError) return NO_TOKEN;
    throw error;
  }
}
