/** Everything that looks at services without touching them, made once for the whole gateway. */
import type { EventLog } from '../store/event-log.ts';
import { Inspector } from './inspector.ts';
import type { LiveServices } from './live.ts';
import type { RegistrySettings } from './registry-options.ts';

export interface ObservatoryOptions {
  readonly log: EventLog;
  readonly live: LiveServices;
  readonly settings: Pick<RegistrySettings, 'oneShotIdleMs' | 'persistentIdleMs'>;
}

export interface Observatory {
  readonly inspector: Inspector;
}

export function createObservatory({ log, live, settings }: ObservatoryOptions): Observatory {
  const { oneShotIdleMs, persistentIdleMs } = settings;
  const idleMs = (type: string) => (type === 'OneShot' ? oneShotIdleMs : persistentIdleMs);
  return { inspector: new Inspector({ log, live, idleMs }) };
}
