/** What both fronts share: the way of a data request from the door to a lane, or to a refusal. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import type { LaneNeed, Services } from '../../actors/services.ts';
import type { Lane } from '../../backends/backend.ts';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import { principalOf } from '../auth/principal.ts';
import { readDemand } from '../demand.ts';
import { sendRefusal } from '../refuse.ts';
import type { FrontName, SessionClaim } from '../sessions/record.ts';
import type { SessionRegistry } from '../sessions/registry.ts';
import type { Session } from '../sessions/session.ts';
import { Denial, notSpoken, sessionNotFound } from './denial.ts';
import { hungUp } from './event-stream.ts';
import { noteOutcome } from './outcome.ts';
import type { Pulse } from './pulse.ts';
import type { FrontSettings } from './settings.ts';

export interface FrontContext {
  readonly services: Services;
  readonly sessions: SessionRegistry;
  readonly pulse: Pulse;
  readonly settings: FrontSettings;
}

/** The path parameters of every data route. */
export interface IdParams {
  readonly id: string;
}

/** One data request on its way. */
export interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly serviceId: string;
  /** For whom it is, as far as that decides which lane it gets. */
  readonly need: LaneNeed;
  /** The JSON-RPC id that a refusal has to carry; null when there is none. */
  readonly rpcId: RpcId | null;
}

/**
 * Asks for a lane and calls `use` with it: at once when the service serves, else after the hold, and never when
 * the client has hung up meanwhile. What `use` throws, and every refusal, becomes the reply.
 */
export function admit<V extends Visit>(
  front: FrontContext,
  visit: V,
  use: (front: FrontContext, visit: V, lane: Lane) => void,
): void {
  const { current } = visit.request.server.gateway;
  try {
    const demand = readDemand(visit.request);
    current.request = visit.request;
    visit.request.callTrace?.admit();
    const lane = front.services.admit(visit.serviceId, demand, visit.need);
    if (lane instanceof Promise) hold(front, visit, lane, use);
    else enter(front, visit, lane, use);
  } catch (error) {
    refuse(front, visit, error);
  } finally {
    current.request = null;
  }
}

function enter<V extends Visit>(
  front: FrontContext,
  visit: V,
  lane: Lane,
  use: (front: FrontContext, visit: V, lane: Lane) => void,
): void {
  visit.request.callTrace?.admitted();
  use(front, visit, lane);
}

function hold<V extends Visit>(
  front: FrontContext,
  visit: V,
  lane: Promise<Lane>,
  use: (front: FrontContext, visit: V, lane: Lane) => void,
): void {
  visit.request.callTrace?.hold();
  lane
    .then(ready => {
      if (!hungUp(visit.reply)) enter(front, visit, ready, use);
      else {
        giveUpLane(front, visit);
        if (visit.rpcId !== null) noteOutcome(visit.request, 'cancelled');
      }
    })
    .catch((error: unknown) => refuse(front, visit, error));
}

function refuse(front: FrontContext, visit: Visit, error: unknown): void {
  giveUpLane(front, visit);
  relay(visit.request, visit.reply, error, visit.rpcId);
}

/** A lane that was launched for a session that did not come about, or ended meanwhile, is nobody's. */
function giveUpLane({ services, sessions }: FrontContext, { serviceId, need }: Visit): void {
  if (need.kind !== 'session' || sessions.isInitialized(need.sessionId)) return;
  services.releaseSession(serviceId, need.sessionId);
}

/** Answers with a refusal; anything else that was thrown is a fault of ours and goes to the app's error handler. */
export function relay(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  rpcId: RpcId | null,
): void {
  const refusal = error instanceof Denial ? error.refusal : error;
  if (refusal instanceof Refusal) request.callTrace?.refused(refusal.code);
  if (rpcId !== null) noteOutcome(request, hungUp(reply) ? 'cancelled' : 'refused');
  answer(request, reply, error, rpcId);
}

function answer(request: FastifyRequest, reply: FastifyReply, error: unknown, rpcId: RpcId | null): void {
  if (hungUp(reply)) {
    request.server.gateway.log.debug(
      { err: error, tid: request.id },
      'the client hung up before it could be refused',
    );
  } else if (error instanceof Denial) {
    const { refusal, status, rpcCode, rpcData, bare } = error;
    sendRefusal(request, reply, refusal, {
      dataRoute: true,
      rpcId,
      rpcCode,
      rpcData,
      bare,
      ...(status !== null && { status }),
    });
  } else if (error instanceof Refusal && error.unspoken !== null) {
    answer(request, reply, notSpoken(error.unspoken), rpcId);
  } else if (error instanceof Refusal) {
    sendRefusal(request, reply, error, { dataRoute: true, rpcId });
  } else {
    reply.send(error);
  }
}

/** Whose session a request opens, or can only be asking for. */
export function claimOf(request: FastifyRequest, serviceId: string, front: FrontName): SessionClaim {
  return { serviceId, front, owner: principalOf(request).id };
}

/** @throws {Denial} 404 when the session ended while its request was held */
export function requireLive(session: Session): void {
  if (session.ended) throw sessionNotFound();
}
