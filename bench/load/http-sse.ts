/** A client of HTTP+SSE: calls go by POST, answers come on the session's stream. */
import { connect, type Socket } from 'node:net';
import { callTexts, faultOf, INITIALIZED, initializeText } from './calls.ts';
import { type Client, type ClientOptions, QUOTE } from './client.ts';
import { Connection } from './connection.ts';

const JSON_TYPE = 'Content-Type: application/json\r\n';
const EVENT_END = '\n\n';
/** Ids of the sessions' own requests: none that a call gets. */
const FIRST_OWN_ID = 1_000_000_000;

type Take = (data: string) => void;

export async function openHttpSse(options: ClientOptions): Promise<Client> {
  const answers = new Map<number, Take>();
  const streams: Stream[] = [];
  const headers = options.headers + JSON_TYPE;
  for (let n = 0; n < options.sessions; n++) {
    const stream = await openStream(options, (id, data) => takeAnswer(answers, id, data));
    streams.push(stream);
    await introduce(stream, headers, FIRST_OWN_ID + n, answers);
  }
  const connections: Connection[] = [];
  for (let n = 0; n < options.inFlight; n++) {
    const stream = streams[n % streams.length];
    if (stream !== undefined) connections.push(await Connection.open(stream.endpoint, headers));
  }
  const textOf = callTexts(options.call, options.rename);
  return {
    async call(worker, id) {
      const answered = new Promise<string>(resolve => answers.set(id, resolve));
      const posted = await connections[worker]?.request('POST', textOf(id));
      if (posted === undefined || posted.status >= 300) {
        answers.delete(id);
        return `${posted?.status} ${posted?.body.toString('latin1', 0, QUOTE)}`;
      }
      return faultOf(Buffer.from(await answered, 'latin1'), id, options.call);
    },
    async close() {
      for (const connection of connections) connection.close();
      for (const { socket } of streams) socket.destroy();
    },
  };
}

interface Stream {
  readonly socket: Socket;
  readonly endpoint: URL;
}

function takeAnswer(answers: Map<number, Take>, id: number, data: string): void {
  const take = answers.get(id);
  answers.delete(id);
  take?.(data);
}

async function introduce({ endpoint }: Stream, headers: string, id: number, answers: Map<number, Take>) {
  const connection = await Connection.open(endpoint, headers);
  const answered = new Promise<string>(resolve => answers.set(id, resolve));
  await connection.request('POST', initializeText(id));
  await answered;
  await connection.request('POST', INITIALIZED);
  connection.close();
}

/** Opens a stream; resolves when the endpoint has come. Chunk sizes are passed over: events are found by their own marks. */
function openStream(
  { url, headers }: ClientOptions,
  take: (id: number, data: string) => void,
): Promise<Stream> {
  const { port, hostname, pathname, search, host } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, noDelay: true });
  const head = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n`;
  socket.write(`${head}${headers}\r\n`);
  socket.setEncoding('latin1');
  let rest = '';
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', (text: string) => {
      rest += text;
      let from = 0;
      for (let end = rest.indexOf(EVENT_END); end !== -1; end = rest.indexOf(EVENT_END, from)) {
        const event = rest.slice(from, end);
        from = end + EVENT_END.length;
        const at = event.indexOf('data: ');
        if (at === -1) continue;
        const data = event.slice(at + 6);
        if (event.includes('event: endpoint')) resolve({ socket, endpoint: new URL(data.trim(), url) });
        else take(idOf(data), data);
      }
      rest = rest.slice(from);
    });
  });
}

/** The id of an answer: its first member behind the version, or its last. */
function idOf(data: string): number {
  const [, first] = /^\{"jsonrpc":"2\.0","id":(\d+),/.exec(data) ?? [];
  return Number(first ?? /"id":(\d+)\}$/.exec(data)?.[1]);
}
