/** What the parts of the gateway count while they work; one object, made by whoever puts them together. */
import { type CounterBook, createCounters } from '../backends/multiplexer/counters.ts';
import { Histogram, WRITE_BUCKETS_MS } from './histogram.ts';
import { RequestMeters } from './request-meters.ts';

export class GatewayMeters {
  readonly requests = new RequestMeters();
  /** What lanes refused or dropped, all lanes together. */
  readonly lanes: CounterBook = createCounters();
  readonly probes = { answered: 0, silent: 0 };
  /** Durations of appends to the event log, those that failed included. */
  readonly appends = new Histogram(WRITE_BUCKETS_MS);
  failedAppends = 0;

  /** Arrow functions, to be handed out as they are. */
  readonly probed = (answered: boolean): void => {
    this.probes[answered ? 'answered' : 'silent']++;
  };

  readonly appended = (durationMs: number, failed: boolean): void => {
    this.appends.observe(durationMs);
    if (failed) this.failedAppends++;
  };
}
