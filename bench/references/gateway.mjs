/**
 * A reference gateway: bare Fastify, or bare node:http, in front of a pipe. Streamable HTTP at /mcp, without any check but
 * that of the session id.
 *   node gateway.mjs --engine fastify|http [--sse] -- <command of the backend>
 * `--sse`: every answer is a stream, with the progress of its call on it. Prints where it listens.
 */
import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { fastify } from 'fastify';
import { openPipe } from './pipe.mjs';

const LONG = 16_384;
const MAX_BODY = 64 * 1024 * 1024;
const { values, positionals } = parseArgs({
  options: { engine: { type: 'string', default: 'fastify' }, sse: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const pipe = openPipe(positionals);
const sessions = new Set();
const TYPE = values.sse ? 'text/event-stream' : 'application/json';
const eventOf = text => `event: message\ndata: ${text}\n\n`;

/**
 * Takes one POST. `answer` gets the reply of a request, as text or as an object with `pieces` and `bytes`, and the id of a
 * new session with it; null: there is nothing to answer.
 */
function post(body, sessionId, answer, message) {
  let opened = null;
  const sink = {
    result: text => answer(200, text, opened),
    longResult: (pieces, bytes) => answer(200, { pieces, bytes }, opened),
    message,
  };
  const long = body.length >= LONG;
  if (!sessions.has(sessionId)) {
    const text = body.toString();
    if (!text.includes('"method":"initialize"')) return answer(404, '{"error":"no such session"}', null);
    opened = randomUUID();
    sessions.add(opened);
  }
  const method = long ? pipe.longRequest(body, sink) : pipe.request(body.toString(), sink);
  if (method !== null) return;
  pipe.notify(body.toString());
  answer(202, null, null);
}

/** A response as a stream of events, begun by the first of them. */
function streamOf(response) {
  let begun = false;
  const begin = () => {
    if (!begun) response.writeHead(200, { 'content-type': TYPE });
    begun = true;
  };
  return {
    message(text) {
      begin();
      response.write(eventOf(text));
    },
    end(reply) {
      begin();
      if (typeof reply === 'string') return response.end(eventOf(reply));
      response.write('event: message\ndata: ');
      for (const piece of reply.pieces) response.write(piece);
      response.end('\n\n');
    },
  };
}

function answerRaw(response, status, reply, opened) {
  if (reply === null) return response.writeHead(202).end();
  const bytes = typeof reply === 'string' ? Buffer.byteLength(reply) : reply.bytes;
  const headers = { 'content-type': TYPE, 'content-length': bytes };
  if (opened !== null) headers['mcp-session-id'] = opened;
  response.writeHead(status, headers);
  if (typeof reply === 'string') return response.end(reply);
  response.cork();
  for (const piece of reply.pieces) response.write(piece);
  response.end();
  response.uncork();
}

function withHttp() {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'DELETE') return response.end();
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      const stream = values.sse ? streamOf(response) : null;
      post(
        body,
        request.headers['mcp-session-id'],
        (status, reply, opened) =>
          stream !== null && opened === null && reply !== null && status === 200
            ? stream.end(reply)
            : answerRaw(response, status, reply, opened),
        stream?.message,
      );
    });
  });
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

async function withFastify() {
  const app = fastify({ bodyLimit: MAX_BODY, keepAliveTimeout: 60_000 });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/mcp', (request, reply) => {
    const { body, headers } = request;
    if (values.sse) return postStreamed(body, headers['mcp-session-id'], reply);
    post(body, headers['mcp-session-id'], (status, text, opened) => {
      if (text === null) return reply.code(202).send();
      if (opened !== null) reply.header('mcp-session-id', opened);
      if (typeof text === 'string') return reply.code(status).header('content-type', TYPE).send(text);
      reply.hijack();
      answerRaw(reply.raw, status, text, opened);
    });
  });
  app.delete('/mcp', (_request, reply) => reply.send());
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address().port;
}

function postStreamed(body, sessionId, reply) {
  reply.hijack();
  const stream = streamOf(reply.raw);
  const answer = (status, text, opened) =>
    opened === null && text !== null && status === 200
      ? stream.end(text)
      : answerRaw(reply.raw, status, text, opened);
  post(body, sessionId, answer, stream.message);
}

const port = await (values.engine === 'http' ? withHttp() : withFastify());
process.stdout.write(`listens on http://127.0.0.1:${port}\n`);
// Ends such that a profile is written.
process.on('SIGTERM', () => process.exit());
