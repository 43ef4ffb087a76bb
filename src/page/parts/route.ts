/** What is open, in the address: a link to a service is a link to it. */

const PREFIX = '#/services/';

/** Id of the service the address names; null: the list. */
export function openId(): string | null {
  if (!location.hash.startsWith(PREFIX)) return null;
  try {
    return decodeURIComponent(location.hash.slice(PREFIX.length)) || null;
  } catch {
    return null;
  }
}

const linkTo = (id: string): string => `${PREFIX}${encodeURIComponent(id)}`;

/** Opens a service, or with null the list. */
export function open(id: string | null): void {
  location.hash = id === null ? '#/' : linkTo(id);
}
