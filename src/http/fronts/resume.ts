/** A GET with `Last-Event-ID`: the rest of that one stream, and what it still has to come (Streamable HTTP, "Resumability"). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Lane } from '../../backends/backend.ts';
import { endWithToken } from '../auth/expiries.ts';
import { eventId, type StreamPosition } from '../sessions/event-ids.ts';
import type { Session } from '../sessions/session.ts';
import type { SessionStreams } from '../sessions/session-streams.ts';
import { transportDenial } from './denial.ts';
import { EventStream } from './event-stream.ts';
import { failureEvent } from './failure.ts';
import { admit, type FrontContext, requireLive, type Visit } from './front.ts';
import { openReader } from './reader.ts';

export interface ResumeVisit extends Visit {
  readonly session: Session;
}
interface StandaloneVisit extends ResumeVisit {
  readonly position: StreamPosition;
}

/**
 * The standalone stream needs a lane, so it is admitted like any request. A call's stream needs none: what it had is
 * kept, and what is lost is told, whatever became of the service.
 * @throws {Denial} 400 for an id that is none of this session's; 404 would tell the client that its session is gone
 */
export function resume(front: FrontContext, visit: ResumeVisit, lastEventId: string): void {
  const position = visit.session.streams.locate(lastEventId);
  if (position === null)
    throw transportDenial(400, 'Last-Event-ID is not the id of an event of this session');
  if (position.kind === 'standalone') admit(front, { ...visit, position }, resumeStandalone);
  else resumeCall(front, visit, position);
}

/** Takes the stream over from a reader that may only seem to be there. */
function resumeStandalone(front: FrontContext, visit: StandaloneVisit, lane: Lane): void {
  const { session, position, reply, request } = visit;
  const { streams } = session;
  requireLive(session);
  session.on(lane);
  const stream = streams.standalone;
  const reader = openReader(front, reply, stream, () => session.detach(stream));
  endWithToken(request, () => reader.end());
  if (position.streamId === stream.id) stream.connect(reader, position.n);
  else {
    // A stream of an earlier life ends with what was kept of it and goes on as those of the lives since.
    for (const place of streams.onwards(position)) {
      for (const { n, text } of streams.kept(place)?.events ?? [])
        reader.write({ id: eventId(place.streamId, n), data: text });
    }
    // Whoever stands in an earlier one has seen nothing of this one.
    stream.connect(reader, 0);
  }
  session.attach(stream);
}

function resumeCall(front: FrontContext, visit: ResumeVisit, position: StreamPosition): void {
  const { reply } = visit;
  const { streams } = visit.session;
  const underWay = streams.call(position.streamId);
  if (underWay !== undefined) {
    underWay.connect(openReader(front, reply, underWay), position.n);
  } else if (position.last || isThrough(streams, position)) {
    endForGood(reply);
  } else {
    replayEnded(front, visit, position);
  }
}

/** Whether the stream had its last event before that place. */
function isThrough(streams: SessionStreams, position: StreamPosition): boolean {
  const lastN = streams.kept(position)?.lastN ?? null;
  return lastN !== null && position.n >= lastN;
}

/** What is kept of a call's stream; if its outcome is not, the error that says so. */
function replayEnded(front: FrontContext, visit: ResumeVisit, position: StreamPosition): void {
  const { reply, request } = visit;
  const { streams } = visit.session;
  const { streamId, rpcId, n } = position;
  const kept = streams.kept(position);
  const lost = lossOf(request, kept?.lastN ?? null, position);
  const complete = kept?.events.at(-1)?.n === kept?.lastN && kept !== undefined;
  if (!complete && rpcId === null)
    throw transportDenial(400, 'what came after this Last-Event-ID is no longer kept');
  const reader = new EventStream(reply, front.pulse, front.settings);
  const { priming } = streams;
  if (priming !== null) reader.write({ id: eventId(streamId, n), retryMs: priming.retryMs, data: '' });
  let last = n;
  for (const event of kept?.events ?? []) {
    last = event.n;
    reader.write({ id: eventId(streamId, last, last === kept?.lastN), data: event.text });
  }
  if (!complete) reader.write({ id: eventId(streamId, last + 1, true), data: lost });
  reader.end();
}

function lossOf(request: FastifyRequest, lastN: number | null, { rpcId }: StreamPosition): string {
  const reason =
    lastN === null
      ? 'the gateway was restarted, or keeps the stream no longer: the outcome of the call is unknown'
      : 'the outcome of the call is no longer kept';
  return failureEvent(request, { kind: 'lost', reason, delivered: true }, rpcId ?? '');
}

/** Tells a client to resume no more, as an event stream does (HTML, "Server-sent events"): there is nothing to come. */
function endForGood(reply: FastifyReply): void {
  reply.code(204).header('content-type', 'text/event-stream').send();
}
