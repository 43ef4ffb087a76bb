/** A client of Streamable HTTP. */
import { callTexts, faultOf, INITIALIZED, initializeText, VERSION_HEADER } from './calls.ts';
import { type Client, type ClientOptions, QUOTE } from './client.ts';
import { Connection } from './connection.ts';

const ACCEPT = 'Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n';

/** Opens sessions and connections. @throws {Error} a session could not be opened */
export async function openStreamable(options: ClientOptions): Promise<Client> {
  const url = new URL(options.url);
  const headers = options.headers + ACCEPT;
  const sessions: string[] = [];
  for (let n = 0; n < options.sessions; n++) sessions.push(await openSession(url, headers));
  const connect = (worker: number) => {
    const session = sessions[worker % sessions.length] ?? '';
    return Connection.open(url, headers + session);
  };
  const connections: Connection[] = [];
  for (let n = 0; n < options.inFlight; n++) connections.push(await connect(n));
  const textOf = callTexts(options.call, options.rename);
  return {
    async call(worker, id) {
      const answer = await connections[worker]?.request('POST', textOf(id));
      if (answer?.status !== 200) return `${answer?.status} ${answer?.body.toString('latin1', 0, QUOTE)}`;
      return faultOf(answer.body, id, options.call);
    },
    async close() {
      for (const connection of connections) connection.close();
      for (const session of sessions) {
        const connection = await Connection.open(url, headers + session);
        await connection.request('DELETE', null).catch(() => null);
        connection.close();
      }
    },
  };
}

/** Opens one session; returns the headers that name it. */
export async function openSession(url: URL, headers: string): Promise<string> {
  const connection = await Connection.open(url, headers);
  const answer = await connection.request('POST', initializeText(1));
  const id = answer.header('mcp-session-id');
  if (answer.status !== 200)
    throw new Error(`initialize was answered ${answer.status} ${answer.body.toString('latin1', 0, QUOTE)}`);
  const session = `${id === null ? '' : `Mcp-Session-Id: ${id}\r\n`}${VERSION_HEADER}`;
  await connection.request('POST', INITIALIZED, session);
  connection.close();
  return session;
}
