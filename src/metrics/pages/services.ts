import type { MetricsPage, Sample } from '../exposition.ts';
import type { ServiceCounts, StateCount } from '../service-counts.ts';
import { STATES, TYPES } from '../states.ts';
import { START_OUTCOMES, type TransitionMeters } from '../transition-meters.ts';

/** How many services there are, by state and type; each pair is there, if only with 0. */
export function servicesPage(counts: ServiceCounts): (page: MetricsPage) => Promise<void> {
  return async page => {
    page.gauge('services', 'Registered services, those at rest included.', samplesOf(await counts.read()));
  };
}

function samplesOf(counts: readonly StateCount[]): Sample[] {
  const pairs = STATES.flatMap(state => TYPES.map(type => ({ state, type })));
  const known = pairs.map(({ state, type }): Sample => {
    const found = counts.find(each => each.state === state && each.type === type);
    return [{ state, type }, found?.count ?? 0];
  });
  const others = counts.filter(({ state, count }) => count > 0 && !STATES.includes(state));
  return [...known, ...others.map(({ state, type, count }): Sample => [{ state, type }, count])];
}

/** What became of services. */
export function transitionsPage(meters: TransitionMeters): (page: MetricsPage) => void {
  return page => {
    page.counter(
      'transitions_total',
      'Records written, by the state they led from and to; a new service comes from "none".',
      [...meters.transitions.values()].map(({ from, to, count }) => [{ from, to }, count]),
    );
    page.counter(
      'unwritten_transitions_total',
      'Transitions that did not happen because they could not be written.',
      meters.unwritten,
    );
    page.counter(
      'starts_total',
      'Starts of services that are over, by how they ended.',
      START_OUTCOMES.map(outcome => [{ outcome }, sum(meters.starts[outcome].counts)]),
    );
    page.histogram(
      'start_duration_seconds',
      'From the permit to start to the end of the start.',
      START_OUTCOMES.map(outcome => [{ outcome }, meters.starts[outcome]]),
    );
    page.counter('restarts_total', 'Starts that nobody asked for: recoveries.', meters.restarts);
  };
}

function sum(counts: ArrayLike<number>): number {
  return Array.from(counts).reduce((total, count) => total + count, 0);
}
