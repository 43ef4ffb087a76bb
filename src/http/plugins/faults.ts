/** Whatever goes wrong in or before a route, as the envelope: nothing leaves in Fastify's or Node's own shape. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../actors/refusal.ts';
import { namesNoId, pathOf } from '../data-route.ts';
import { errorTable, variants } from '../errors.ts';
import type { GatewayContext } from '../gateway-context.ts';
import { translate } from '../locales/translate.ts';
import { type RefusalOptions, sendRefusal } from '../refuse.ts';
import { answerHeaders, newTraceId } from './trace.ts';

/** Installs the error handler and the answer for unknown routes. */
export function addFaults(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    namesNoId(request.url)
      ? sendRefusal(request, reply, new Refusal('0001', 'the path names no id'), variants.pathWithoutId)
      : sendRefusal(request, reply, new Refusal('0010', `${request.method} ${pathOf(request.url)}`)),
  );
}

/** Answers a request the router could not take (a path that cannot be decoded); no hook runs for it. */
export function answerUnroutable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(answerHeaders(request));
  answerError(error, request, reply);
}

/** Answers what is no HTTP request (Node's `clientError`) and closes the connection. */
export function answerBrokenRequest(error: ConnectionError, socket: Socket, gateway: GatewayContext): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, refusal] = brokenRequestRefusal(error.code);
  const tid = newTraceId();
  gateway.meters.refusals[refusal.code]++;
  gateway.refusalLog.noteBroken(tid, refusal, status);
  if (socket.writable && !isAnswering(socket)) socket.write(brokenRequestAnswer(tid, refusal, status));
  socket.destroy(error);
}

/** As in Node's own handler: an answer that has begun must not get a second head in its midst. */
function isAnswering(
  socket: Socket & { readonly _httpMessage?: { readonly headersSent: boolean } | null },
): boolean {
  return socket._httpMessage?.headersSent === true;
}

function answerError(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Refusal) return sendRefusal(request, reply, error);
  const known = 'code' in error ? fromFastify(error as FastifyError, request) : undefined;
  if (known !== undefined) return sendRefusal(request, reply, known.refusal, known.options);
  const { refusalLog } = request.server.gateway;
  refusalLog.noteFault('error', { err: error, tid: request.id }, 'a request failed inside the gateway');
  const refusal = new Refusal('0005', `internal error of the gateway; its log has more under ${request.id}`);
  return sendRefusal(request, reply, refusal, variants.internal);
}

function fromFastify(
  error: FastifyError,
  request: FastifyRequest,
): { refusal: Refusal; options?: RefusalOptions } | undefined {
  switch (error.code) {
    case 'FST_ERR_VALIDATION':
      return { refusal: new Refusal('0011', describeValidation(error)) };
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { refusal: tooLarge(request.server.gateway.maxBodyBytes) };
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return { refusal: new Refusal('0008', 'it is not valid JSON') };
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return { refusal: new Refusal('0008', 'it is empty, JSON is expected') };
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return { refusal: new Refusal('0008', 'its length is not that of the Content-Length header') };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE':
      return {
        refusal: new Refusal('0008', 'send it with "Content-Type: application/json"'),
        options: variants.unsupportedMediaType,
      };
    case 'FST_ERR_BAD_URL':
      return { refusal: new Refusal('0011', 'the path has an invalid percent-escape') };
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return { refusal: new Refusal('0011', 'mcp_id is too long') };
    default:
      return otherClientError(error);
  }
}

/** Fastify's remaining 4xx: the status is kept, the text is Fastify's own and repeats nothing of the body. */
function otherClientError(error: FastifyError): { refusal: Refusal; options?: RefusalOptions } | undefined {
  const { code, statusCode = 500 } = error;
  if (!code.startsWith('FST_') || statusCode < 400 || statusCode > 499) return undefined;
  return { refusal: new Refusal('0011', error.message), options: { status: statusCode } };
}

function tooLarge(maxBodyBytes: number): Refusal {
  return new Refusal('0013', `a body has at most ${maxBodyBytes} bytes (setting maxBodyBytes)`);
}

/** Names the first field that is wrong, and what it must be. */
function describeValidation(error: FastifyError): string {
  const fault = error.validation?.[0];
  const field = fault?.instancePath.slice(1).replaceAll('/', '.') || error.validationContext || 'body';
  return `${field} ${fault?.message ?? 'is invalid'}`;
}

function brokenRequestAnswer(tid: string, refusal: Refusal, status: number): string {
  const message = translate('en', errorTable[refusal.code].localeKey, refusal.reason);
  const body = JSON.stringify({ code: refusal.code, message, data: null, tid, success: false });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${tid}`,
    'x-server-time: 0',
    'x-content-type-options: nosniff',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function brokenRequestRefusal(errorCode: string): readonly [number, Refusal] {
  if (errorCode === 'HPE_HEADER_OVERFLOW') return [431, new Refusal('0013', 'the headers exceed the bound')];
  if (errorCode === 'ERR_HTTP_REQUEST_TIMEOUT')
    return [408, new Refusal('0011', 'the request took too long to arrive')];
  return [400, new Refusal('0011', 'it is not a valid HTTP/1.1 request')];
}
