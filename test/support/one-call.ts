/** One call through each front of the gateway, and what its client is told became of it. */
import { HttpSseClient, request, SseReader, StreamableClient } from './mcp-client.ts';
import { modernHeaders, modernRequest } from './modern.ts';

export const FRONTS = ['streamable', 'http+sse', 'modern'] as const;
export type Front = (typeof FRONTS)[number];

/** The outcome as a client sees it; `status` is that of the HTTP response that brought it. */
export interface Told {
  readonly status: number;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly data?: { readonly code?: string; readonly delivered?: unknown };
  };
}

/** A client that has introduced itself, if its era wants that, and calls when it is told to. */
export interface Caller {
  call(args: object, headers?: Record<string, string>): Promise<Told>;
  close(): Promise<void>;
}

const ID = 'the call';
const params = (args: object) => ({ name: 'mark', arguments: { ...args } });

export async function openCaller(front: Front, url: string, service: string): Promise<Caller> {
  if (front === 'streamable') return streamable(await new StreamableClient(url, service).open());
  if (front === 'modern') return modern(new StreamableClient(url, service));
  return httpSse(await (await HttpSseClient.connect(url, `/mcp/sse/proxy/${service}/sse`)).open());
}

function streamable(client: StreamableClient): Caller {
  return {
    call: async (args, headers) => told(await client.post(request(ID, 'tools/call', params(args)), headers)),
    close: async () => void (await client.delete()),
  };
}

function modern(client: StreamableClient): Caller {
  return {
    call: async (args, headers) => {
      const message = modernRequest(ID, 'tools/call', params(args) as never);
      return told(await client.post(message, { ...modernHeaders(message), ...headers }));
    },
    close: async () => {},
  };
}

function httpSse(client: HttpSseClient): Caller {
  return {
    call: async (args, headers) => {
      const accepted = await client.post(request(ID, 'tools/call', params(args)), undefined, headers);
      if (accepted.status !== 202) return told(accepted);
      await accepted.text();
      return { status: 200, ...(await outcomeOn(client.stream)) };
    },
    close: () => client.stream.cancel(),
  };
}

async function told(response: Response): Promise<Told> {
  const { status } = response;
  const streamed = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (streamed) return { status, ...(await outcomeOn(new SseReader(response))) };
  return { status, ...((await response.json()) as object) };
}

async function outcomeOn(stream: SseReader): Promise<object> {
  for (;;) {
    const message = await stream.message();
    if (message.id === ID) return message;
  }
}
