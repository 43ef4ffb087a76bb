/** What keeps the log well while the gateway runs. */
import type { Logger } from 'pino';
import { LogRetention } from '../actors/log-retention.ts';
import { PageWatch } from '../actors/page-watch.ts';
import { systemClock } from '../backends/clock.ts';
import type { Settings } from '../config.ts';
import type { EventLog } from '../store/event-log.ts';
import type { LmdbHandle } from '../store/lmdb-handle.ts';

/** Prunes the log while the gateway runs, once every page is known to be sound. */
export function careForLog(
  settings: Settings,
  logger: Logger,
  data: LmdbHandle,
  log: EventLog,
): { stop(): void } {
  const retention = new LogRetention({
    log,
    clock: systemClock,
    maxRecords: settings.logMaxRecords,
    maxAgeMs: settings.logMaxAgeMs,
    onFault: err => logger.error({ err }, 'the event log could not be pruned'),
  });
  const watch = new PageWatch({
    check: () => data.checkPages(),
    clock: systemClock,
    onSound: () => retention.start(),
    onDamage: err => logger.fatal({ err }, 'the event log is damaged; it is no longer pruned'),
  });
  if (data.isChecked) retention.start();
  else watch.start();
  return {
    stop: () => {
      watch.stop();
      retention.stop();
    },
  };
}
