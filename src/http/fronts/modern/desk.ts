/** The modern front (2026-07-28): what it knows beyond single requests, which is little, because the era is stateless. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { AskFailure } from '../../../backends/ask.ts';
import type { Lane } from '../../../backends/backend.ts';
import type { Clock } from '../../../backends/clock.ts';
import { isModernVersion } from '../../../backends/protocol-versions.ts';
import type { RpcNotification, RpcRequest } from '../../../backends/rpc/json-rpc.ts';
import { isAmbiguousAt } from '../../../backends/rpc/places.ts';
import { LinkedList } from '../../../collections/linked-list.ts';
import { notSpoken, refusalOf } from '../denial.ts';
import { hungUp } from '../event-stream.ts';
import { admit, type FrontContext, relay, type Visit } from '../front.ts';
import { rpcIdOf } from '../message.ts';
import { noteOutcome } from '../outcome.ts';
import { type ModernBody, requireVersion } from './body.ts';
import { headerMismatch, unsupportedVersion } from './denials.ts';
import { ModernExchange } from './exchange.ts';
import { type ParamHeader, paramFault } from './param-headers.ts';
import { checkStandardHeaders, nameMember } from './standard-headers.ts';
import { ToolList } from './tool-list.ts';

export interface ModernVisit extends Visit {
  readonly message: RpcRequest | RpcNotification;
  readonly body: ModernBody;
}

export class ModernDesk {
  readonly #tools: ToolList;
  readonly #open = new LinkedList<ModernExchange>();

  constructor(clock: Clock) {
    this.#tools = new ToolList(clock);
  }

  /** Subscriptions end; other requests may finish. */
  drain(): void {
    for (const exchange of this.#open.toArray()) exchange.drain();
  }

  /** The tools of a service are others: tells those who subscribed to that. */
  tellOfTools(serviceId: string): void {
    for (const exchange of this.#open.toArray()) exchange.tellOfTools(serviceId);
  }

  /** Everything that is still open fails. */
  endAll(reason: string): void {
    this.drain();
    for (const exchange of this.#open.toArray()) exchange.fail({ kind: 'closed', reason, delivered: true });
  }

  /** Serves one message. All that is checked of it waits for the lane: to a legacy backend it is not malformed, but foreign. */
  serve(front: FrontContext, visit: Omit<ModernVisit, 'need' | 'rpcId'>): void {
    const { message } = visit;
    admit(front, { ...visit, need: { kind: 'modern' }, rpcId: rpcIdOf(message) }, (_front, admitted, lane) =>
      this.#enter(front, admitted, lane),
    );
  }

  /** The version comes first: by it alone the client knows which of the other rules hold. @throws {Denial} */
  #enter(front: FrontContext, visit: ModernVisit, lane: Lane): void {
    const { request, reply, message, body } = visit;
    const { era, supportedVersions, protocolVersion } = lane.handshake;
    if (era !== 'modern') throw notSpoken('modern');
    const version = requireVersion(body, message.kind);
    const supported = supportedVersions ?? [protocolVersion];
    if (!isModernVersion(version) || !supported.includes(version))
      throw unsupportedVersion(supported, version);
    checkStandardHeaders(request.headers, message, body.params);
    if (message.kind === 'notification') {
      notify(request, lane, message);
      reply.code(202).send();
    } else if (message.method === 'tools/call') void this.#call(front, visit, lane, message);
    else this.#forward(front, visit, lane, unambiguous(message, body));
  }

  /** A call of a tool, once the headers that repeat its arguments have been checked. Never rejects. */
  async #call(front: FrontContext, visit: ModernVisit, lane: Lane, message: RpcRequest): Promise<void> {
    const { request, reply, body } = visit;
    try {
      const expected = await this.#checkParams(visit, lane);
      const mirrored = mirroredHeaders(request.headers, expected);
      if (hungUp(reply)) noteOutcome(request, 'cancelled');
      else this.#forward(front, visit, lane, unambiguous({ ...message, mirrored }, body, expected));
    } catch (error) {
      relay(request, reply, error instanceof AskFailure ? refusalOf(error.failure) : error, message.id);
    }
  }

  /** @throws {Denial} −32020; {AskFailure} the tools could not be learned */
  async #checkParams({ request, body }: ModernVisit, lane: Lane): Promise<readonly ParamHeader[]> {
    const { name, arguments: args } = body.params;
    if (typeof name !== 'string') return [];
    const known = await this.#tools.headersOf(lane, name);
    if (paramFault(known, args, request.headers) === null) return known;
    // The client may know a newer list.
    const renewed = await this.#tools.renewedHeadersOf(lane, name);
    const fault = paramFault(renewed, args, request.headers);
    if (fault !== null) throw headerMismatch(fault);
    return renewed;
  }

  #forward(front: FrontContext, visit: ModernVisit, lane: Lane, message: RpcRequest): void {
    const exchange = new ModernExchange(front, visit, message, () => this.#open.remove(place));
    const place = this.#open.add(exchange);
    exchange.begin(lane);
  }
}

function notify({ id }: FastifyRequest, lane: Lane, message: RpcNotification): void {
  const session = lane.open({ id, capabilities: {}, deliver: () => false });
  session.notify(message);
  session.close();
}

/** The headers of the client that repeat arguments, as it sent them. */
function mirroredHeaders(
  sent: IncomingHttpHeaders,
  expected: readonly ParamHeader[],
): Readonly<Record<string, string>> {
  const entries = expected.map(({ header }) => [header, sent[header]] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** What a header was held against must be what every reader of the body finds there. */
function unambiguous(
  message: RpcRequest,
  { params }: ModernBody,
  headers: readonly ParamHeader[] = [],
): RpcRequest {
  const name = nameMember(message.method);
  const paths = headers.map(({ path }) => ['arguments', ...path]);
  if (name !== undefined && Object.hasOwn(params, name)) paths.push([name]);
  if (!paths.some(path => isAmbiguousAt(message.text, path))) return message;
  return { ...message, text: JSON.stringify(JSON.parse(message.text)) };
}
