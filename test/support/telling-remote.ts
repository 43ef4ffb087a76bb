/** A remote server that tells whatever it was sent, in the way a test says. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Tell = (all: string, response: ServerResponse, id: unknown) => void;

const json = (response: ServerResponse, answer: object) =>
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ jsonrpc: '2.0', ...answer }));

export const WAYS: Readonly<Record<string, Tell>> = {
  'as its content type': (all, response) =>
    response.writeHead(200, { 'content-type': `x/${encodeURIComponent(all)}` }).end(),
  'as the reason of its status': (all, response) => response.writeHead(500, encodeURIComponent(all)).end(all),
  'in a redirect': (all, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:1/${encodeURIComponent(all)}` }).end(),
  'in a JSON-RPC error': (all, response, id) => json(response, { id, error: { code: -32000, message: all } }),
  'as its name': (all, response, id) => {
    const serverInfo = { name: all, version: all };
    json(response, { id, result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo } });
  },
};

export class TellingRemote {
  way = 'as its name';
  readonly #server = createServer((request, response) => void this.#tell(request, response));

  /** Where it is, without scheme. */
  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #tell(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { id = null } = JSON.parse(body || '{}');
    const { host: _, ...headers } = request.headers;
    const all = [request.url, ...Object.values(headers)].join(' | ');
    WAYS[this.way]?.(`${all} ${JSON.stringify(all)} ${encodeURIComponent(all)}`, response, id);
  }
}
