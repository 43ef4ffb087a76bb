/** What clients can rely on of their sessions and calls over a boot. */
import type { Knowledge } from './client.ts';
import { hear, Unclear } from './outcome.ts';
import type { KnownSession } from './session-book.ts';

/** Sessions that were acknowledged go on; those that were ended, or whose service was removed, do not come back. */
export async function sessionsKept(url: string, { sessions }: Knowledge): Promise<string[]> {
  const wrong = await Promise.all(
    sessions.all.map(async session => {
      const known = await isKnown(url, session);
      if (session.state === 'unclear') sessions.forget(session);
      return known === (session.state === 'open') || session.state === 'unclear'
        ? []
        : [
            `session ${session.id} of ${session.service} is ${session.state}, but ${known ? '' : 'not '}known`,
          ];
    }),
  );
  return wrong.flat();
}

/** Asks for the rest of a stream that never was: who is known is told so, and no backend is started for it. */
async function isKnown(url: string, { id, service }: KnownSession): Promise<boolean> {
  const headers = { accept: 'text/event-stream', 'mcp-session-id': id, 'last-event-id': 'none' };
  const response = await fetch(`${url}/mcp/stream/proxy/${service}`, { headers });
  await response.text();
  return response.status !== 404;
}

/** Who asks for the rest of a stream that broke off gets the outcome of its call, or is told that it is unknown. */
export async function outcomesTold(url: string, { ledger, sessions }: Knowledge): Promise<string[]> {
  const wrong: string[] = [];
  for (const { sessionId, service, rpcId, token, lastEventId } of ledger.cut.splice(0)) {
    const session = sessions.all.find(({ id }) => id === sessionId);
    if (session?.state !== 'open') continue;
    const headers = {
      accept: 'text/event-stream',
      'mcp-session-id': sessionId,
      'last-event-id': lastEventId,
    };
    const response = await fetch(`${url}/mcp/stream/proxy/${service}`, { headers });
    try {
      const { outcome, cut } = await hear(response, rpcId, token);
      if (cut || outcome === 'not delivered')
        wrong.push(`invariant 3: the rest of ${token} is ${cut ? 'silence' : outcome}`);
      else ledger.note(token, outcome);
    } catch (error) {
      if (!(error instanceof Unclear)) throw error;
      wrong.push(`invariant 3: ${error.message}`);
    }
  }
  return wrong;
}
