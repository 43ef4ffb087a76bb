/** A service's status as pollers see it (contract §2). */
import type { FastifyRequest } from 'fastify';
import type { ServiceStatus, ServiceType } from '../actors/services.ts';
import { localised } from './envelope.ts';

export interface StatusView {
  readonly ready: boolean;
  readonly status: ServiceStatus['poll'];
  readonly message: string;
  /** Full path in the statechart; null, like `type` and `since`, for a service that does not exist. */
  readonly state: string | null;
  readonly type: ServiceType | null;
  /** RFC 3339 time, UTC, of entry into the state. */
  readonly since: string | null;
  readonly retryAfterMs: number | null;
  readonly lastError: string | null;
}

export function statusView(request: FastifyRequest, status: ServiceStatus): StatusView {
  return {
    ready: status.poll === 'Ready',
    status: status.poll,
    message: describe(request, status),
    state: status.state,
    type: status.type,
    since: new Date(status.since).toISOString(),
    retryAfterMs: status.retryAfterMs,
    lastError: status.lastError,
  };
}

/** What a poller gets for an id nobody registered: an answer, not a refusal. */
export function unknownStatusView(request: FastifyRequest): StatusView {
  return {
    ready: false,
    status: 'Error',
    message: localised(request, 'statusUnknown'),
    state: null,
    type: null,
    since: null,
    retryAfterMs: null,
    lastError: null,
  };
}

function describe(request: FastifyRequest, { poll, state, lastError }: ServiceStatus): string {
  if (poll === 'Ready') return localised(request, 'statusReady');
  if (poll === 'Pending') return localised(request, 'statusPending', state);
  return localised(request, 'statusError', lastError ?? state);
}
