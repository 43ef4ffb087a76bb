/** A fleet of services whose backends say themselves when their starts begin and end. */
import { readFileSync } from 'node:fs';

const SCRIPT = new URL('../fixtures/fleet-server.mjs', import.meta.url).pathname;

/** The config of one of them. @param flags of fleet-server.mjs, besides its journal */
export const fleetServer = (journal: string, ...flags: string[]) => ({
  command: process.execPath,
  args: [SCRIPT, '--journal', journal, ...flags],
});

export const fleetNames = (size: number) => Array.from({ length: size }, (_, n) => `service ${n}`);

/** What the fleet's journal says: starts that began, that ended, and the most that were under way at once. */
export function startsIn(journal: string): { begun: number; over: number; most: number } {
  const starts = { begun: 0, over: 0, most: 0 };
  for (const line of readFileSync(journal, 'utf8').split('\n')) {
    if (line === 'begins') starts.begun++;
    if (line === 'is up') starts.over++;
    starts.most = Math.max(starts.most, starts.begun - starts.over);
  }
  return starts;
}
