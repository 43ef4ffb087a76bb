/** What the list says of itself. Pure. */
import type { Loading } from '../model/loader.ts';
import { count } from '../parts/words.ts';

/** What stands in the place of rows when there is no service at all. */
export function whyEmpty(loading: Loading | null): string {
  if (loading?.fault) return loading.fault.message;
  return loading?.done ? 'No services yet. Register one, or let a client send its config.' : 'Loading';
}

/** What is to be known of a list that is not whole. */
export function noteOn({ done, loaded, unreadable, fault }: Loading): { text: string; title: string } {
  if (fault !== null) return { text: fault.message, title: '' };
  const left = done ? [] : [`${count(loaded, 'service')} so far`];
  const broken =
    unreadable.size === 0 ? [] : [`${count(unreadable.size, 'service')} cannot be read from the log`];
  const title = [...unreadable].map(([id, reason]) => `${id}: ${reason}`).join('\n');
  return { text: [...left, ...broken].join(', '), title };
}
