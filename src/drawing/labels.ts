/** The words of the drawing; records, live tails and pages use the same. */
import type { ChartTransition } from './chart.ts';

const AFTER = 'xstate.after.';

/**
 * The label of an event type: XState's `xstate.after.cooldown.service.CoolingDown` is `after cooldown`, ordinary events
 * are as they are. A delay that is a number is in ms.
 */
export function eventLabel(eventType: string): string {
  if (eventType === '') return 'always';
  if (!eventType.startsWith(AFTER)) return eventType;
  const [delay = ''] = eventType.slice(AFTER.length).split('.');
  return /^\d+$/.test(delay) ? `after ${delay} ms` : `after ${delay}`;
}

/** `event [guard]`. */
export function transitionLabel({ label, guard }: Pick<ChartTransition, 'label' | 'guard'>): string {
  return guard === null ? label : `${label} [${guard}]`;
}

/** What happens inside a state, as UML writes it: `event [guard] / action, action`. */
export function internalLabel(transition: ChartTransition): string {
  return `${transitionLabel(transition)} / ${transition.actions.join(', ')}`;
}
