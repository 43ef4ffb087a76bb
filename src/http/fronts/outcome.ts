/** Takes note of how a call ended, for the metrics. Each call comes by here once (invariant 3). */
import type { FastifyRequest } from 'fastify';
import type { CallFailure } from '../../backends/backend.ts';
import type { CallOutcome } from '../../metrics/request-meters.ts';
import { codeOf } from './denial.ts';

const OUTCOME_OF: Readonly<Record<CallFailure['kind'], CallOutcome>> = {
  lost: 'lost',
  refused: 'rejected',
  timeout: 'timeout',
  'too large': 'too_large',
  overloaded: 'overloaded',
  closed: 'closed',
};

/**
 * @param request the one that brought the call: its arrival is when the call began
 * @param text the response of the backend, where there was one
 */
export function noteOutcome(
  { server, receivedAtMs, callTrace }: FastifyRequest,
  outcome: CallOutcome,
  text?: string,
): void {
  const { meters, now } = server.gateway;
  const at = now();
  meters.ended(outcome, at - (receivedAtMs ?? at));
  callTrace?.end(outcome, text);
}

/** The same of a call that failed. */
export function noteFailure(request: FastifyRequest, failure: CallFailure): void {
  request.callTrace?.refused(codeOf(failure));
  noteOutcome(request, outcomeOf(failure));
}

function outcomeOf({ kind }: CallFailure): CallOutcome {
  return OUTCOME_OF[kind];
}
