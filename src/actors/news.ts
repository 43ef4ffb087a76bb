/** What the HTTP layer hears of services by itself: a backend that came up, a service that is gone. */
import { statePath } from './journal.ts';
import type { LiveServices } from './live.ts';

export interface ServiceListener {
  /** Its backend has started; whoever listens may ask for a lane now. */
  ready(id: string): void;
  /** It is removed: its id is free. */
  removed(id: string): void;
}

export interface ServiceNews {
  /** Tells `listener` from now on, and first of what was removed before. */
  listen(listener: ServiceListener): void;
}

/** The news among the transitions on the services' bus; told in a later turn, never inside a transition. */
export function serviceNews(events: LiveServices['events']): ServiceNews {
  let listener: ServiceListener | null = null;
  const early = new Set<string>();
  const removed = (id: string) => {
    if (listener === null) early.add(id);
    else listener.removed(id);
  };
  events.on('transition', ({ id, to, event }) => {
    if (to.status === 'done') setImmediate(removed, id);
    else if (event.type === 'start succeeded' && statePath(to).startsWith('Ready'))
      setImmediate(() => listener?.ready(id));
  });
  return {
    listen(given) {
      listener = given;
      for (const id of early) listener.removed(id);
      early.clear();
    },
  };
}
