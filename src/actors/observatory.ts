/** Everything that looks at services without touching them, made once for the whole gateway. */
import type { Clock } from '../backends/clock.ts';
import type { ReadTrees } from '../backends/stdio/tree-usage.ts';
import type { EventLog } from '../store/event-log.ts';
import { History } from './history.ts';
import { Inspector } from './inspector.ts';
import type { LiveServices } from './live.ts';
import { RecordFeed } from './record-feed.ts';
import type { RegistrySettings } from './registry-options.ts';
import { VitalsMeter } from './vitals.ts';

export interface ObservatoryOptions {
  readonly log: EventLog;
  readonly live: LiveServices;
  readonly clock: Clock;
  /** null: the system does not tell of processes. */
  readonly readTrees: ReadTrees | null;
  /** The log, or the system's processes, could not be read for those who follow them. */
  onFault(error: unknown): void;
  readonly settings: Pick<RegistrySettings, 'oneShotIdleMs' | 'persistentIdleMs'>;
}

export interface Observatory {
  readonly inspector: Inspector;
  readonly history: History;
  readonly feed: RecordFeed;
  readonly vitals: VitalsMeter;
}

export function createObservatory(options: ObservatoryOptions): Observatory {
  const { log, live, clock, settings, readTrees, onFault } = options;
  const { oneShotIdleMs, persistentIdleMs } = settings;
  const idleMs = (type: string) => (type === 'OneShot' ? oneShotIdleMs : persistentIdleMs);
  return {
    inspector: new Inspector({ log, live, idleMs }),
    history: new History(log),
    feed: new RecordFeed({ log, events: live.events, clock, onFault }),
    vitals: new VitalsMeter({ live, clock, readTrees, onFault }),
  };
}
