/** What the HTTP layer hears of services by itself: a backend that came up, other tools than before, a service that is gone. */
import { statePath } from './journal.ts';
import type { Committed, LiveServices } from './live.ts';

export interface ServiceListener {
  /** Its backend has started; whoever listens may ask for a lane now. */
  ready(id: string): void;
  /** Its tools are others than they were known to be, and its backend has not told its clients. */
  toolsChanged(id: string): void;
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
  events.on('transition', transition => {
    const { id, to, event } = transition;
    if (to.status === 'done') setImmediate(removed, id);
    else if (event.type === 'start succeeded' && statePath(to).startsWith('Ready'))
      setImmediate(() => listener?.ready(id));
    else if (event.type === 'tools listed' && event.announced === false && hasOtherTools(transition))
      setImmediate(() => listener?.toolsChanged(id));
  });
  events.on('discarded', ({ id }) => setImmediate(removed, id));
  return {
    listen(given) {
      listener = given;
      for (const id of early) listener.removed(id);
      early.clear();
    },
  };
}

/** A first list is no news: nobody knows another one. */
function hasOtherTools({ from, to }: Committed): boolean {
  const { tools } = from.context;
  return tools !== null && tools.hash !== to.context.tools?.hash;
}
