/** Everything that looks at services without touching them, made once for the whole gateway. */
import type { EventLog } from '../store/event-log.ts';
import { History } from './history.ts';
import { Inspector } from './inspector.ts';
import type { LiveServices } from './live.ts';
import { RecordFeed } from './record-feed.ts';
import type { RegistrySettings } from './registry-options.ts';

export interface ObservatoryOptions {
  readonly log: EventLog;
  readonly live: LiveServices;
  /** The log could not be read for those who follow it. */
  onFault(error: unknown): void;
  readonly settings: Pick<RegistrySettings, 'oneShotIdleMs' | 'persistentIdleMs'>;
}

export interface Observatory {
  readonly inspector: Inspector;
  readonly history: History;
  readonly feed: RecordFeed;
}

export function createObservatory({ log, live, settings, onFault }: ObservatoryOptions): Observatory {
  const { oneShotIdleMs, persistentIdleMs } = settings;
  const idleMs = (type: string) => (type === 'OneShot' ? oneShotIdleMs : persistentIdleMs);
  return {
    inspector: new Inspector({ log, live, idleMs }),
    history: new History(log),
    feed: new RecordFeed({ log, events: live.events, onFault }),
  };
}
