/** How an order's config and type become a service's. */
import type { ServiceStore } from './service-store.ts';
import type { StartOrder } from './services.ts';
import { admissionOf, isAtRest } from './status.ts';
import type { Subject } from './subject.ts';

/** Makes an order's config and type those of the next start. A config that is lost is stored again, also when it is the same. */
export function adopt(store: ServiceStore, subject: Subject, order: StartOrder | null): void {
  if (order === null || subject.isNew) return;
  const told = store.reconfiguration(order);
  const { config, type } = subject.state.context;
  const serves = admissionOf(subject.state).explicit[type].do === 'forward';
  const isLost = !serves && told.config === config && !store.hasConfig(subject.id);
  subject.tell(isLost ? { ...told, anyway: true } : told);
}

export interface Declaration {
  readonly order: StartOrder;
  /** A Persistent service that is new starts at once. */
  readonly startNew: boolean;
  /** What runs from another config, or tries to, starts again from this one; a OneShot at rest stays there (invariant 4). */
  readonly restartChanged: boolean;
}

/** Tells a service what a file declares. */
export function declare(
  store: ServiceStore,
  subject: Subject,
  { order, startNew, restartChanged }: Declaration,
): void {
  const before = subject.state.context.config;
  adopt(store, subject, order);
  const { type, config, nextType, incident } = subject.state.context;
  const isChanged = config !== before || nextType !== null;
  const failed = incident?.kind === 'start' || incident?.kind === 'loss';
  const tries = !isAtRest(subject.state) || (type === 'Persistent' && failed);
  if (subject.isNew && startNew && order.type === 'Persistent')
    subject.tell({ type: 'start requested', by: 'declared' });
  else if (restartChanged && isChanged && tries) subject.tell({ type: 'restart requested' });
}
