/**
 * Bare Fastify that only holds streams: `GET /mcp` opens one, `POST /event` sends an event to all of them. Prints where it
 * listens.
 */
import { fastify } from 'fastify';

const EVENT = 'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n';
const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
const streams = new Set();

const app = fastify();
app.get('/mcp', (_request, reply) => {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, HEADERS);
  response.write(': open\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
});
app.post('/event', (_request, reply) => {
  for (const stream of streams) stream.write(EVENT);
  reply.send('');
});
await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
process.stdout.write(`listens on http://127.0.0.1:${app.server.address().port}\n`);
