/** Clients of both fronts as a property test moves them: all they send and all they see bears their name. */
import { once } from 'node:events';
import type { FakeCall } from './fake-lane.ts';
import type { FrontApp } from './front-app.ts';
import { HttpSseClient, request, SseReader, StreamableClient } from './mcp-client.ts';

export type Message = Record<string, unknown>;

/** One call of one client. */
export interface Call {
  readonly id: number;
  readonly tag: string;
  readonly fake: FakeCall;
  /** What came as its reply; null where replies come on the client's stream. Rejects when the client hung up. */
  readonly reply: Promise<Message[]> | null;
  /** Hangs up and waits until the gateway knows; null where a call has no connection of its own. */
  readonly hangUp: (() => Promise<void>) | null;
}

export interface Actor {
  readonly name: string;
  call(): Promise<Call>;
  /** Ends the session the way its front has for it. */
  end(): Promise<void>;
  /** All that came on the client's own stream, once it has ended. */
  readonly streamed: Promise<Message[]>;
}

/** `lastCall` waits for the call that has just been admitted to reach its lane. */
export async function streamableActor(
  front: FrontApp,
  name: string,
  lastCall: () => Promise<FakeCall>,
): Promise<Actor> {
  const client = await new StreamableClient(front.origin).open();
  await front.services.demands.next();
  let calls = 0;
  return {
    name,
    streamed: Promise.resolve([]),
    async call() {
      const [id, tag] = [++calls, `${name} ${calls}`];
      const abort = new AbortController();
      const reply = client.post(request(id, 'tools/call', { tag }), {}, abort.signal).then(readReply);
      reply.catch(() => 'only awaited where the client has not hung up');
      const { signal } = await front.services.demands.next();
      const gone = once(signal, 'abort');
      const hangUp = async () => {
        abort.abort();
        await gone;
      };
      return { id, tag, fake: await lastCall(), reply, hangUp };
    },
    async end() {
      const { status } = await client.delete();
      if (status !== 200) throw new Error(`DELETE: ${status}`);
    },
  };
}

export async function httpSseActor(
  front: FrontApp,
  name: string,
  lastCall: () => Promise<FakeCall>,
): Promise<Actor> {
  const client = await HttpSseClient.connect(front.origin);
  await front.services.demands.next();
  await client.open();
  await front.services.demands.next();
  let calls = 0;
  return {
    name,
    streamed: readAll(client.stream),
    async call() {
      const [id, tag] = [++calls, `${name} ${calls}`];
      const { status } = await client.post(request(id, 'tools/call', { tag }));
      if (status !== 202) throw new Error(`POST: ${status}`);
      await front.services.demands.next();
      return { id, tag, fake: await lastCall(), reply: null, hangUp: null };
    },
    end: () => client.stream.cancel(),
  };
}

async function readReply(response: Response): Promise<Message[]> {
  if (response.headers.get('content-type') === 'text/event-stream') return readAll(new SseReader(response));
  return [(await response.json()) as Message];
}

async function readAll(reader: SseReader): Promise<Message[]> {
  const messages: Message[] = [];
  for (let event = await reader.next(); event !== undefined; event = await reader.next()) {
    if (event.comment === null) messages.push(JSON.parse(event.data));
  }
  return messages;
}
