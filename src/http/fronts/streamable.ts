/** The Streamable HTTP front, legacy revisions (2024-11-05 to 2025-11-25): `POST/GET/DELETE /mcp/stream/proxy/:id`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LaneNeed } from '../../actors/services.ts';
import type { Lane } from '../../backends/backend.ts';
import type { RpcId, RpcMessage, RpcRequest } from '../../backends/rpc/json-rpc.ts';
import { endWithToken } from '../auth/expiries.ts';
import { readServiceId } from '../ids.ts';
import type { Introduction } from '../sessions/record.ts';
import type { Session } from '../sessions/session.ts';
import { alreadyInitialized, transportDenial } from './denial.ts';
import { hungUp } from './event-stream.ts';
import { Exchange } from './exchange.ts';
import { admit, claimOf, type FrontContext, type IdParams, relay, requireLive, type Visit } from './front.ts';
import { initializeResult, negotiate, readIntroduction, requireLegacyLane } from './handshake.ts';
import { requireAccept, requireJson, rpcIdOf, rpcIdWithin, takeMessage } from './message.ts';
import { claimsModern, readModernBody } from './modern/body.ts';
import { onlyPost } from './modern/denials.ts';
import type { ModernDesk } from './modern/desk.ts';
import { noteOutcome } from './outcome.ts';
import {
  NAME,
  presentedSession,
  presentsSession,
  requireLegacyVersion,
  sessionMissing,
} from './presented-session.ts';
import { openReader } from './reader.ts';
import { resume } from './resume.ts';
import { beginTrace, traced } from './trace.ts';

const JSON_AND_STREAM = ['application/json', 'text/event-stream'] as const;
const STREAM = ['text/event-stream'] as const;
type DataRequest = FastifyRequest<{ Params: IdParams }>;

interface InitializeVisit extends Visit {
  readonly need: Extract<LaneNeed, { readonly kind: 'session' }>;
  readonly rpcId: RpcId;
  readonly introduction: Introduction;
}
interface SessionVisit extends Visit {
  readonly session: Session;
}
interface MessageVisit extends SessionVisit {
  readonly message: RpcMessage;
}

export function registerStreamable(app: FastifyInstance, front: FrontContext, modern: ModernDesk): void {
  const url = '/mcp/stream/proxy/:id';
  app.post<{ Params: IdParams }>(url, (request, reply) => post(front, modern, request, reply));
  app.get<{ Params: IdParams }>(url, { exposeHeadRoute: false }, (request, reply) =>
    get(front, request, reply),
  );
  app.delete<{ Params: IdParams }>(url, (request, reply) => remove(front, request, reply));
}

/** Which era a message is of shows in the message itself, so that is decided between reading it and finding its session. */
function post(front: FrontContext, modern: ModernDesk, request: DataRequest, reply: FastifyReply): void {
  let rpcId: RpcId | null = null;
  try {
    requireAccept(request, JSON_AND_STREAM);
    requireJson(request);
    const message = takeMessage(request);
    rpcId = rpcIdOf(message);
    const serviceId = readServiceId(request.params.id);
    beginTrace(request, serviceId, 'stream', message);
    const body = message.kind === 'response' ? null : readModernBody(request, message);
    if (body !== null && message.kind !== 'response') {
      modern.serve(front, { request, reply, serviceId, message, body });
    } else if (message.kind === 'request' && message.method === 'initialize') {
      initialize(front, request, reply, serviceId, message);
    } else {
      requireLegacyVersion(request);
      const session = presentedSession(front, request, serviceId);
      const { need } = session;
      admit(front, { request, reply, serviceId, need, rpcId, session, message }, forward);
    }
  } catch (error) {
    relay(request, reply, error, rpcId ?? rpcIdWithin(request));
  }
}

function initialize(
  front: FrontContext,
  request: DataRequest,
  reply: FastifyReply,
  serviceId: string,
  message: RpcRequest,
): void {
  if (request.headers['mcp-session-id'] !== undefined) {
    presentedSession(front, request, serviceId);
    throw alreadyInitialized();
  }
  const introduction = readIntroduction(message.text, front.settings.maxInitializeLength);
  front.sessions.requireRoom();
  const need = { kind: 'session', sessionId: front.sessions.newId(), offer: introduction } as const;
  admit(front, { request, reply, serviceId, need, rpcId: message.id, introduction }, openSession);
}

function openSession(front: FrontContext, visit: InitializeVisit, lane: Lane): void {
  const { serviceId, need, introduction } = visit;
  requireLegacyLane(lane, introduction);
  const protocolVersion = negotiate(introduction.protocolVersion, lane.handshake.protocolVersion);
  const agreed = { ...introduction, protocolVersion };
  const session = front.sessions.create(claimOf(visit.request, serviceId, NAME), agreed, need.sessionId);
  const result = initializeResult(visit.rpcId, protocolVersion, lane.handshake);
  // A client that knows its session's id can rely on it: not even `kill -9` loses it.
  void front.sessions.stored(session).then(() => {
    const gone = hungUp(visit.reply);
    noteOutcome(visit.request, gone ? 'cancelled' : 'ok');
    if (gone) return;
    visit.reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('mcp-session-id', session.id)
      .send(result);
  });
}

function forward(front: FrontContext, visit: MessageVisit, lane: Lane): void {
  const { session, message, request, reply } = visit;
  requireLive(session);
  if (message.kind === 'request') {
    const exchange = new Exchange(front, session, request, reply, message.id);
    session.call(lane, traced(request, lane, message), exchange);
    exchange.wait();
  } else {
    if (message.kind === 'notification') session.on(lane).notify(message);
    else session.on(lane).respond(message);
    reply.code(202).send();
  }
}

function get(front: FrontContext, request: DataRequest, reply: FastifyReply): void {
  try {
    if (claimsModern(request)) throw onlyPost(reply);
    requireAccept(request, STREAM);
    const serviceId = readServiceId(request.params.id);
    requireLegacyVersion(request);
    if (!presentsSession(request)) {
      admit(front, { request, reply, serviceId, need: { kind: 'first' }, rpcId: null }, refuseStream);
      return;
    }
    const session = presentedSession(front, request, serviceId);
    const { need } = session;
    const visit = { request, reply, serviceId, need, rpcId: null, session };
    const lastEventId = request.headers['last-event-id'];
    if (typeof lastEventId === 'string' && lastEventId !== '') {
      resume(front, visit, lastEventId);
    } else {
      requireNoStream(session);
      admit(front, visit, openStream);
    }
  } catch (error) {
    relay(request, reply, error, null);
  }
}

function openStream(front: FrontContext, visit: SessionVisit, lane: Lane): void {
  const { session } = visit;
  requireLive(session);
  requireNoStream(session);
  session.on(lane);
  const stream = session.streams.standalone;
  const reader = openReader(front, visit.reply, stream, () => session.detach(stream));
  endWithToken(visit.request, () => reader.end());
  stream.connect(reader);
  session.attach(stream);
  letHeadersGo(visit.request);
}

/** The stream may stay open for days, and its request with it; nobody asks any more what that said. */
function letHeadersGo({ raw }: FastifyRequest): void {
  raw.headers = {};
  raw.rawHeaders = [];
}

/** Without a session there is no stream; for which reason depends on the era the backend speaks. @throws {Denial} */
function refuseStream(_front: FrontContext, { reply }: Visit, { handshake }: Lane): void {
  throw handshake.era === 'modern' ? onlyPost(reply) : sessionMissing();
}

/** Ends the session whatever the state of its service: nothing is asked of a backend. */
function remove(front: FrontContext, request: DataRequest, reply: FastifyReply): void {
  try {
    if (claimsModern(request)) throw onlyPost(reply);
    const serviceId = readServiceId(request.params.id);
    requireLegacyVersion(request);
    const session = presentedSession(front, request, serviceId);
    void front.sessions.end(session, 'the client ended the session').then(() => {
      if (!hungUp(reply)) reply.code(200).send();
    });
  } catch (error) {
    relay(request, reply, error, null);
  }
}

/** @throws {Denial} 409 when the session has its stream already */
function requireNoStream(session: Session): void {
  if (session.streaming) throw transportDenial(409, 'this session has a stream already: close it first');
}
