/**
 * The data routes, described for the OpenAPI document. Apart from the routes themselves: a schema there would be checked
 * on the way of every request, and MCP has its own rules for what is wrong.
 */

const PREAMBLE =
  '`x-mcp-json` (base64 of a service config) registers and starts the service, as the type in `x-mcp-type`; `Prefer: wait=<s>` ' +
  'says how long the request may be held. Refusals are the envelope and a JSON-RPC error in one object.';

const rpc = { description: 'A JSON-RPC message.', type: 'object', additionalProperties: true } as const;
const json = { 'application/json': { schema: rpc } } as const;
const stream = { 'text/event-stream': { schema: { type: 'string' } } } as const;
const tags = ['mcp'];

const none = (description: string) => ({ description }) as const;
const refused = { default: { $ref: 'Refusal#' } } as const;

export const dataRoutes = [
  {
    method: 'POST',
    url: '/mcp/stream/proxy/:id',
    schema: {
      tags,
      operationId: 'postMessage',
      summary: 'MCP Streamable HTTP: one message to a service',
      description: `${PREAMBLE} Both eras: sessions (2024-11-05 to 2025-11-25) and stateless requests (2026-07-28).`,
      body: rpc,
      response: {
        200: { description: 'The answer, or a stream that ends with it.', content: { ...json, ...stream } },
        202: none('A notification or a response was taken.'),
        ...refused,
      },
    },
  },
  {
    method: 'GET',
    url: '/mcp/stream/proxy/:id',
    schema: {
      tags,
      operationId: 'openStandaloneStream',
      summary: 'MCP Streamable HTTP: the standalone stream of a session',
      description: '`Mcp-Session-Id` names the session; `Last-Event-ID` resumes one of its streams.',
      response: { 200: { description: 'Messages of the service.', content: stream }, ...refused },
    },
  },
  {
    method: 'DELETE',
    url: '/mcp/stream/proxy/:id',
    schema: {
      tags,
      operationId: 'endSession',
      summary: 'MCP Streamable HTTP: end a session',
      response: { 200: none('It has ended.'), ...refused },
    },
  },
  {
    method: 'GET',
    url: '/mcp/sse/proxy/:id/sse',
    schema: {
      tags,
      operationId: 'openSseSession',
      summary: 'MCP HTTP+SSE (2024-11-05): open a session',
      description: `${PREAMBLE} The first event, \`endpoint\`, says where to send messages.`,
      response: { 200: { description: 'Messages of the service.', content: stream }, ...refused },
    },
  },
  {
    method: 'POST',
    url: '/mcp/sse/proxy/:id/message',
    schema: {
      tags,
      operationId: 'postSseMessage',
      summary: 'MCP HTTP+SSE (2024-11-05): one message in a session',
      description:
        '`sessionId` in the query is the one of the `endpoint` event; the answer comes on the stream.',
      body: rpc,
      response: { 202: none('It was taken.'), ...refused },
    },
  },
  {
    method: 'GET',
    url: '/mcp/sse/proxy/:id',
    schema: {
      tags,
      operationId: 'redirectToStream',
      summary: 'MCP HTTP+SSE: leads to `/sse`',
      response: { 307: none('`Location` is the stream.'), ...refused },
    },
  },
  {
    method: 'POST',
    url: '/mcp/sse/proxy/:id',
    schema: {
      tags,
      operationId: 'redirectToMessage',
      summary: 'MCP HTTP+SSE: leads to `/message`',
      response: { 307: none('`Location` takes the message.'), ...refused },
    },
  },
] as const;
