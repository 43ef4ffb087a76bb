import type { MetricsPage } from '../exposition.ts';
import { CALL_OUTCOMES, REFUSAL_CODES, type RequestMeters, SHED_REASONS } from '../request-meters.ts';

/** What happened to requests. */
export function requestsPage(meters: RequestMeters): (page: MetricsPage) => void {
  return page => {
    page.counter(
      'calls_total',
      'JSON-RPC requests of clients, by how they ended; subscriptions are not among them.',
      CALL_OUTCOMES.map(outcome => [{ outcome }, meters.calls[outcome]]),
    );
    page.histogram('call_duration_seconds', 'From the arrival of such a request to its outcome.', [
      [{}, meters.callDuration],
    ]);
    page.counter(
      'refusals_total',
      'Answers that were refusals, by their code.',
      REFUSAL_CODES.map(code => [{ code }, meters.refusals[code]]),
    );
    page.counter(
      'shed_total',
      'Requests refused before anybody looked at them: overload, rate limit, no memory for bodies.',
      SHED_REASONS.map(reason => [{ reason }, meters.shed[reason]]),
    );
    page.counter(
      'stalled_readers_closed_total',
      'Readers of streams that were closed because they did not read.',
      meters.stalledReaders,
    );
  };
}
