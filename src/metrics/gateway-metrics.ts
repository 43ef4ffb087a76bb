/** All metrics of a gateway on one page. */
import type { LiveServices } from '../actors/live.ts';
import type { StartGate } from '../actors/start-gate.ts';
import type { VitalsMeter } from '../actors/vitals.ts';
import type { LmdbLog } from '../store/lmdb-log.ts';
import type { EventLoopWatch } from './event-loop.ts';
import type { GatewayMeters } from './gateway-meters.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { childrenPage } from './pages/children.ts';
import { type Clients, clientsPage } from './pages/clients.ts';
import { livePage } from './pages/live.ts';
import { processPage } from './pages/process.ts';
import { requestsPage } from './pages/requests.ts';
import { servicesPage, transitionsPage } from './pages/services.ts';
import { storePage } from './pages/store.ts';
import { ServiceCounts } from './service-counts.ts';
import { TransitionMeters } from './transition-meters.ts';

export interface Observed {
  readonly meters: GatewayMeters;
  readonly services: LiveServices;
  readonly gate: StartGate;
  readonly log: LmdbLog;
  readonly loop: Pick<EventLoopWatch, 'lag'>;
  readonly vitals: Pick<VitalsMeter, 'latest'>;
  readonly version: string;
  /** Hears of a part of the page that could not be made. */
  readonly onFault: (error: unknown) => void;
}

/** Listens to the services' bus from now on: to be called before the first of them wakes. */
export function observe(observed: Observed): (clients: Clients) => Metrics {
  const { meters, services, gate, log, loop, vitals, version, onFault } = observed;
  const counts = new ServiceCounts(log, services.events);
  const transitions = new TransitionMeters(services.events);
  return clients =>
    createMetrics(
      [
        servicesPage(counts),
        transitionsPage(transitions),
        livePage({ services, gate, meters }),
        requestsPage(meters.requests),
        clientsPage(clients),
        storePage(log, meters),
        processPage(loop, version),
        childrenPage(vitals),
      ],
      onFault,
    );
}
