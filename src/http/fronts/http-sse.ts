/** The HTTP+SSE front (revision 2024-11-05): one stream per session, which ends with it; messages come by POST. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Lane } from '../../backends/backend.ts';
import type { RpcId, RpcMessage, RpcRequest } from '../../backends/rpc/json-rpc.ts';
import { endWithToken } from '../auth/expiries.ts';
import { readServiceId } from '../ids.ts';
import type { Introduction } from '../sessions/record.ts';
import type { Session } from '../sessions/session.ts';
import { alreadyInitialized, sessionNotFound, transportDenial } from './denial.ts';
import { EventStream } from './event-stream.ts';
import { admit, claimOf, type FrontContext, type IdParams, relay, requireLive, type Visit } from './front.ts';
import { initializeResult, negotiate, readIntroduction, requireLegacyLane } from './handshake.ts';
import { requireAccept, requireJson, rpcIdOf, rpcIdWithin, takeMessage } from './message.ts';
import { noteOutcome } from './outcome.ts';
import { answerWhole } from './rpc-answer.ts';
import { StreamedCall } from './streamed-call.ts';
import { beginTrace, traced } from './trace.ts';

const BASE = '/mcp/sse/proxy';
const NAME = 'http+sse';
const STREAM = ['text/event-stream'] as const;
const NO_HEAD = { exposeHeadRoute: false } as const;

interface IdRoute {
  Params: IdParams;
}
interface MessageRoute extends IdRoute {
  Querystring: { readonly sessionId?: string | string[] };
}

interface MessageVisit extends Visit {
  readonly session: Session;
  readonly message: RpcMessage;
}
interface InitializeVisit extends Visit {
  readonly session: Session;
  readonly rpcId: RpcId;
  readonly introduction: Introduction;
}

export function registerHttpSse(app: FastifyInstance, front: FrontContext): void {
  app.get<IdRoute>(`${BASE}/:id/sse`, NO_HEAD, (request, reply) => connect(front, request, reply));
  app.post<MessageRoute>(`${BASE}/:id/message`, (request, reply) => post(front, request, reply));
  app.get<IdRoute>(`${BASE}/:id`, NO_HEAD, (request, reply) => redirect(request, reply, 'sse'));
  app.post<IdRoute>(`${BASE}/:id`, (request, reply) => redirect(request, reply, 'message'));
}

function connect(front: FrontContext, request: FastifyRequest<IdRoute>, reply: FastifyReply): void {
  try {
    const serviceId = readServiceId(request.params.id);
    front.sessions.requireRoom();
    const need = { kind: 'first' } as const;
    admit(front, { request, reply, serviceId, need, rpcId: null }, openSession);
  } catch (error) {
    relay(request, reply, error, null);
  }
}

/** The lane was asked for only so that the backend is up, or its refusal seen; the first message enters it. */
function openSession(front: FrontContext, { request, reply, serviceId }: Visit): void {
  const session = front.sessions.create(claimOf(request, serviceId, NAME), null);
  const stream = new EventStream(reply, front.pulse, front.settings);
  stream.onClosed(() => void front.sessions.end(session, 'the client closed its stream'));
  session.attach(stream);
  endWithToken(request, () => void front.sessions.end(session, 'the token of its stream has expired'));
  const query = queryOf(request);
  const prefix = query === '' ? '?' : `${query}&`;
  const data = `${pathOf(serviceId)}/message${prefix}sessionId=${session.id}`;
  stream.write({ event: 'endpoint', data });
}

function post(front: FrontContext, request: FastifyRequest<MessageRoute>, reply: FastifyReply): void {
  let rpcId: RpcId | null = null;
  try {
    requireJson(request);
    const message = takeMessage(request);
    rpcId = rpcIdOf(message);
    const serviceId = readServiceId(request.params.id);
    beginTrace(request, serviceId, 'sse', message);
    const session = presentedSession(front, request, serviceId);
    const { need } = session;
    if (message.kind === 'request' && message.method === 'initialize') {
      initialize(front, { request, reply, serviceId, need, rpcId: message.id, session }, message);
    } else admit(front, { request, reply, serviceId, need, rpcId, session, message }, forward);
  } catch (error) {
    relay(request, reply, error, rpcId ?? rpcIdWithin(request));
  }
}

function initialize(
  front: FrontContext,
  visit: Omit<InitializeVisit, 'introduction'>,
  message: RpcRequest,
): void {
  requireFresh(visit.session);
  const introduction = readIntroduction(message.text, front.settings.maxInitializeLength);
  const need = { kind: 'session', sessionId: visit.session.id, offer: introduction } as const;
  admit(front, { ...visit, need, introduction }, introduce);
}

function introduce(_front: FrontContext, visit: InitializeVisit, lane: Lane): void {
  const { session, introduction } = visit;
  requireLive(session);
  requireFresh(session);
  requireLegacyLane(lane, introduction);
  const protocolVersion = negotiate(introduction.protocolVersion, lane.handshake.protocolVersion);
  session.introduce({ ...introduction, protocolVersion });
  session.on(lane);
  accept(visit.reply);
  noteOutcome(visit.request, 'ok');
  session.deliver(initializeResult(visit.rpcId, protocolVersion, lane.handshake));
}

function forward(_front: FrontContext, visit: MessageVisit, lane: Lane): void {
  const { session, message, request, reply } = visit;
  requireLive(session);
  if (message.kind === 'request')
    session.call(lane, traced(request, lane, message), new StreamedCall(session, request, message.id));
  else if (message.kind === 'notification') session.on(lane).notify(message);
  else session.on(lane).respond(message);
  accept(reply);
}

/** What the reference server of this revision answers; the response itself comes on the stream. */
function accept(reply: FastifyReply): void {
  answerWhole(reply, 202, 'text/plain; charset=utf-8', 'Accepted');
}

/** Sends clients that know only the base URL to the route they mean. */
function redirect(request: FastifyRequest<IdRoute>, reply: FastifyReply, to: 'sse' | 'message'): void {
  try {
    const serviceId = readServiceId(request.params.id);
    if (to === 'sse') requireAccept(request, STREAM, 400);
    reply.redirect(`${pathOf(serviceId)}/${to}${queryOf(request)}`, 307);
  } catch (error) {
    relay(request, reply, error, null);
  }
}

/** @throws {Denial} 400 without a session id, 404 with one that is not of this service, front and caller */
function presentedSession(
  front: FrontContext,
  request: FastifyRequest<MessageRoute>,
  serviceId: string,
): Session {
  const { sessionId } = request.query;
  // The endpoint puts ours last, after whatever the client's own query held.
  const id = Array.isArray(sessionId) ? sessionId[sessionId.length - 1] : sessionId;
  if (id === undefined || id === '')
    throw transportDenial(400, 'sessionId is missing: post to the endpoint of the stream');
  const session = front.sessions.find(id, claimOf(request, serviceId, NAME));
  if (session === undefined) throw sessionNotFound();
  return session;
}

/** @throws {Denial} 400 when the session is initialized already */
function requireFresh(session: Session): void {
  if (session.record.introduction !== null) throw alreadyInitialized();
}

function pathOf(serviceId: string): string {
  return `${BASE}/${encodeURIComponent(serviceId)}`;
}

/** The query as the client wrote it, with its question mark; empty when there is none. */
function queryOf(request: FastifyRequest): string {
  const at = request.url.indexOf('?');
  return at === -1 || at === request.url.length - 1 ? '' : request.url.slice(at);
}
