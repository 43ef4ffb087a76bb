import type { EventLoopWatch } from '../event-loop.ts';
import type { MetricsPage } from '../exposition.ts';

/** The gateway's own process. */
export function processPage(loop: Pick<EventLoopWatch, 'lag'>, version: string): (page: MetricsPage) => void {
  return page => {
    const { meanMs, maxMs } = loop.lag;
    page.gauge('event_loop_lag_seconds', 'How late the event loop was in the last half second.', [
      [{ stat: 'mean' }, meanMs / 1000],
      [{ stat: 'max' }, maxMs / 1000],
    ]);
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    page.gauge('process_resident_bytes', 'Memory of the gateway itself, without its children.', rss);
    page.gauge('process_heap_bytes', 'JavaScript heap in use.', heapUsed);
    page.gauge('process_external_bytes', 'Memory of buffers outside of the heap.', external);
    page.counter('process_cpu_seconds_total', 'CPU time of the gateway itself.', (user + system) / 1e6);
    page.gauge('process_start_time_seconds', 'When it was started, Unix time.', startedAt());
    page.gauge('build_info', 'Version of Evergate and of Node.', [[{ version, node: process.version }, 1]]);
  };
}

function startedAt(): number {
  return Math.round(performance.timeOrigin) / 1000;
}
