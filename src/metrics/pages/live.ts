import type { LiveServices } from '../../actors/live.ts';
import type { StartGate } from '../../actors/start-gate.ts';
import type { MetricsPage } from '../exposition.ts';
import type { GatewayMeters } from '../gateway-meters.ts';

interface Live {
  readonly services: LiveServices;
  readonly gate: StartGate;
  readonly meters: GatewayMeters;
}

interface Load {
  readonly lanes: { first: number; session: number; modern: number };
  inFlight: number;
  held: number;
}

/** What runs at this moment: read off the services in memory, of which those at rest are none. */
export function livePage({ services, gate, meters }: Live): (page: MetricsPage) => void {
  return page => {
    const { lanes, inFlight, held } = loadOf(services);
    page.gauge('services_in_memory', 'Services that are more than their record.', services.size);
    page.gauge(
      'lanes',
      'Backend connections that serve: first ones, those of single sessions, those of the stateless era.',
      Object.entries(lanes).map(([kind, count]) => [{ kind }, count]),
    );
    page.gauge('calls_in_flight', 'Calls that backends have not answered yet.', inFlight);
    page.gauge('requests_held', 'Requests that wait for a start.', held);
    page.gauge('starts_in_progress', 'Starts that hold a permit.', gate.inUse);
    page.gauge('starts_queued', 'Starts that wait for a permit (maxConcurrentStarts).', gate.waiting);
    page.counter(
      'probes_total',
      'Probes of backends, by whether there was a sign of life.',
      Object.entries(meters.probes).map(([outcome, count]) => [{ outcome }, count]),
    );
    page.counter(
      'messages_dropped_total',
      'Messages that reached nobody, by why.',
      Object.entries(meters.lanes.dropped).map(([reason, count]) => [{ reason: snakeCase(reason) }, count]),
    );
    page.counter(
      'server_requests_refused_total',
      'Requests of backends to a client that were answered with an error, because no client, or several, could be meant.',
      meters.lanes.refusedServerRequests,
    );
  };
}

function loadOf(services: LiveServices): Load {
  const load: Load = { lanes: { first: 0, session: 0, modern: 0 }, inFlight: 0, held: 0 };
  for (const { slot, lanes, door } of services.values()) {
    load.held += door.held + lanes.held;
    if (slot.lane !== null) {
      load.lanes.first++;
      load.inFlight += slot.lane.inFlight;
    }
    for (const { kind, lane } of lanes.serving()) {
      load.lanes[kind]++;
      load.inFlight += lane.inFlight;
    }
  }
  return load;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}
