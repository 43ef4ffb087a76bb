/** What a gateway does before it listens: end what an earlier life left, and tell each service that it restarted. */
import type { SpawnRecord } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import { within } from '../backends/timers.ts';
import type { EventLog } from '../store/event-log.ts';
import type { ServiceContext } from './machine/model.ts';
import { Refusal } from './refusal.ts';
import type { Registry } from './registry.ts';
import { isUnansweredAdd } from './unanswered-add.ts';

export interface BootOptions {
  readonly log: EventLog;
  readonly registry: Registry;
  readonly clock: Clock;
  /** `gated`: Persistent services start again in the background; `lazy`: when somebody asks for them. */
  readonly warmup: 'gated' | 'lazy';
  /** Finds the process trees an earlier life left behind; a recycled pid is not among them (invariant 9). */
  findLeftovers(recorded: readonly SpawnRecord[]): Promise<{ end(): Promise<unknown> }>;
  /** A service whose record cannot be used stops alone; told here. */
  onBroken(id: string, error: unknown): void;
}

export interface BootReport {
  /** Services that were running, or had processes left, when the earlier life ended. */
  readonly interrupted: number;
  /** Services that cool down. */
  readonly coolingDown: number;
}

const NO_HEAD = 'the log says that it ran but has no head of it: evergate log verify tells what is damaged';

/** How long boot waits for leftovers that do not end, in ms; the kernel may hold one back. */
const PATIENCE_MS = 10_000;

/**
 * Recovers from the log's index of debts alone; services at rest are not read. Waits until nothing of an earlier life is
 * alive (invariant 9); services that were interrupted start only then, however long it takes (invariant 2).
 */
export async function boot({
  log,
  registry,
  warmup,
  findLeftovers,
  onBroken,
  clock,
}: BootOptions): Promise<BootReport> {
  const debts = [...log.owed()];
  const interrupted = debts.filter(({ owed }) => owed.running).map(({ id }) => id);
  const leftovers = await findLeftovers(interrupted.flatMap(id => recordedProcesses(log, id, onBroken)));
  const ended = leftovers.end().then(() => {});
  await within(clock, PATIENCE_MS, ended);
  registry.recovery = { warmup, leftoversEnded: ended };
  const resume = (id: string) => (isUnansweredAdd(log, id) ? registry.remove(id) : registry.wake(id));
  await Promise.all(interrupted.map(id => resume(id).catch(error => onBroken(id, reasonOf(error)))));
  const cooling = debts.filter(({ owed }) => !owed.running && owed.dueAt !== null);
  for (const { id, owed } of cooling) registry.live.owe(id, owed.dueAt ?? 0);
  return { interrupted: interrupted.length, coolingDown: cooling.length };
}

const reasonOf = (error: unknown) =>
  error instanceof Refusal && error.code === '0001' ? new Error(NO_HEAD) : error;

function recordedProcesses(
  log: EventLog,
  id: string,
  onBroken: BootOptions['onBroken'],
): readonly SpawnRecord[] {
  try {
    const context = log.head(id)?.record.to.context as unknown as ServiceContext | undefined;
    return context?.processes ?? [];
  } catch (error) {
    onBroken(id, error);
    return [];
  }
}
