/** After a start of a backend: sessions with an open stream enter the new lane without waiting for their next message. */

import { Refusal } from '../../actors/refusal.ts';
import type { Demand } from '../../actors/services.ts';
import type { Session } from '../sessions/session.ts';
import type { FrontContext } from './front.ts';

/** @param onFault hears of whatever is not a refusal; that one the session's next message is told */
export function reattach(front: FrontContext, serviceId: string, onFault: (error: unknown) => void): void {
  for (const session of front.sessions.of(serviceId)) {
    if (session.streaming && session.record.introduction !== null)
      enter(front, session).catch((error: unknown) => {
        if (!(error instanceof Refusal)) onFault(error);
      });
  }
}

async function enter({ services }: FrontContext, session: Session): Promise<void> {
  const demand: Demand = { order: null, waitMs: null, signal: new AbortController().signal };
  const lane = await services.admit(session.record.serviceId, demand, session.need);
  if (!session.ended && session.streaming) session.on(lane);
}
