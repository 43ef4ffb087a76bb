import type { MetricsPage } from '../exposition.ts';
import type { GatewayMeters } from '../gateway-meters.ts';

interface SizedLog {
  size(): { readonly records: number; readonly diskBytes: number };
  lastSeq(): number;
}

/** What the event log takes, and how long its writes do. */
export function storePage(log: SizedLog, meters: GatewayMeters): (page: MetricsPage) => void {
  return page => {
    page.histogram('append_duration_seconds', 'Appends to the event log, synced to the disk.', [
      [{}, meters.appends],
    ]);
    page.counter('append_failures_total', 'Appends that could not be written.', meters.failedAppends);
    const { records, diskBytes } = log.size();
    page.gauge('log_records', 'Records kept in the event log.', records);
    page.gauge(
      'log_disk_bytes',
      'Bytes of the disk that the data file takes, sessions and streams included.',
      diskBytes,
    );
    page.gauge('log_last_seq', 'Position of the newest record.', log.lastSeq());
  };
}
