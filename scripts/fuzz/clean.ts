/** Brings a gateway back to rest: no service, no session, nothing left of them. */
import { excess, type Handles, handles } from './handles.ts';

const TOKEN = { authorization: 'Bearer all', connection: 'close' };
/** Time in which everything must be gone, in ms. */
const SETTLE_MS = 30_000;
const POLL_MS = 50;
const STILL_POLLS = 20;

/** Removes all services; their sessions end with them. */
export async function removeServices(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/api/v1/services?limit=100`, { headers: TOKEN });
    const { data } = (await response.json()) as { data: { items: { id: string }[] } };
    if (data.items.length === 0) return;
    for (const { id } of data.items) {
      const path = `/mcp/config/delete/${encodeURIComponent(id)}`;
      await fetch(url + path, { method: 'DELETE', headers: TOKEN });
    }
  }
}

/** Waits until what is held has not changed for a while. */
export async function atRest(): Promise<Handles> {
  let before = handles();
  for (let same = 0; same < STILL_POLLS; ) {
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
    const now = handles();
    same = JSON.stringify(now) === JSON.stringify(before) ? same + 1 : 0;
    before = now;
  }
  return before;
}

/** Waits until no more is held than before. Resolves with what still is; empty: nothing. */
export async function settled(before: Handles): Promise<string[]> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const left = excess(before, handles());
    if (left.length === 0 || Date.now() > deadline) return left;
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}

/** Numbers of the metrics page that must be zero at rest, and are not. */
export async function unrest(url: string): Promise<string[]> {
  const page = await (await fetch(`${url}/metrics`, { headers: TOKEN })).text();
  const lines = page
    .split('\n')
    .filter(line => /^evergate_(?:services|sessions|lanes|held|in_flight)\b/.test(line));
  return lines.filter(line => !line.endsWith(' 0'));
}
