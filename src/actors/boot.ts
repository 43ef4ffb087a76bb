/** What a gateway does before it listens: end what an earlier life left, and tell each service that it restarted. */
import type { SpawnRecord } from '../backends/backend.ts';
import type { EventLog } from '../store/event-log.ts';
import type { ServiceContext } from './machine/model.ts';
import type { Registry } from './registry.ts';

export interface BootOptions {
  readonly log: EventLog;
  readonly registry: Registry;
  /** `gated`: Persistent services start again in the background; `lazy`: when somebody asks for them. */
  readonly warmup: 'gated' | 'lazy';
  /** Ends the process trees an earlier life left behind; a recycled pid is not touched (invariant 9). */
  endLeftovers(recorded: readonly SpawnRecord[]): Promise<unknown>;
  /** A service whose record cannot be used stops alone; told here. */
  onBroken(id: string, error: unknown): void;
}

export interface BootReport {
  /** Services that were running, or had processes left, when the earlier life ended. */
  readonly interrupted: number;
  /** Services that cool down. */
  readonly coolingDown: number;
}

/** Recovers from the log's index of debts alone; services at rest are not read. */
export async function boot({
  log,
  registry,
  warmup,
  endLeftovers,
  onBroken,
}: BootOptions): Promise<BootReport> {
  const debts = [...log.owed()];
  const interrupted = debts.filter(({ owed }) => owed.running).map(({ id }) => id);
  await endLeftovers(interrupted.flatMap(id => recordedProcesses(log, id, onBroken)));
  for (const id of interrupted) {
    try {
      registry.wake(id)?.tell({ type: 'gateway restarted', warmup });
    } catch (error) {
      onBroken(id, error);
    }
  }
  const cooling = debts.filter(({ owed }) => !owed.running && owed.dueAt !== null);
  for (const { id, owed } of cooling) registry.live.owe(id, owed.dueAt ?? 0);
  return { interrupted: interrupted.length, coolingDown: cooling.length };
}

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
