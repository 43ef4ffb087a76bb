/** What a client makes of the answer to its call. */
import { SseReader } from '../support/mcp-client.ts';
import type { Outcome } from './ledger.ts';

interface Answer {
  readonly id?: unknown;
  readonly result?: { readonly content?: readonly { readonly text?: string }[] };
  readonly error?: { readonly data?: { readonly tid?: string; readonly delivered?: unknown } };
}

export interface Heard {
  readonly outcome: Outcome;
  /** The id of the last event; null when there was none. */
  readonly lastEventId: string | null;
  /** The stream broke off before the outcome came. */
  readonly cut: boolean;
}

/** An answer that no client could act on. */
export class Unclear extends Error {}

/** Reads one answer, plain or streamed. @throws {Unclear} it is for another call, or an error that does not say whether it was delivered */
export async function hear(response: Response, rpcId: string, token: string): Promise<Heard> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('text/event-stream')) {
    const outcome = judge((await response.json()) as Answer, rpcId, token);
    return { outcome, lastEventId: null, cut: false };
  }
  return hearStream(new SseReader(response), rpcId, token);
}

async function hearStream(reader: SseReader, rpcId: string, token: string): Promise<Heard> {
  let lastEventId: string | null = null;
  for (;;) {
    const event = await reader.any().catch(() => undefined);
    if (event === undefined) return { outcome: 'unknown', lastEventId, cut: true };
    lastEventId = event.id ?? lastEventId;
    if (event.comment !== null || event.data === '') continue;
    return { outcome: judge(JSON.parse(event.data), rpcId, token), lastEventId, cut: false };
  }
}

export function judge(answer: Answer, rpcId: string, token: string): Outcome {
  const { id, result, error } = answer;
  const unclear = (what: string) => new Unclear(`${what}: ${JSON.stringify(answer)}`);
  // What is refused before its body is read is refused without an id (JSON-RPC 2.0, section 5).
  const unread = id === null && error?.data?.delivered === false;
  if (id !== rpcId && !unread) throw unclear(`an answer to ${rpcId} has another id`);
  if (result !== undefined) {
    if (result.content?.[0]?.text !== token) throw unclear(`an answer to ${token} is another's`);
    return 'answered';
  }
  const { tid, delivered } = error?.data ?? {};
  if (tid === undefined) return 'answered'; // an error of the backend's own
  if (typeof delivered !== 'boolean') throw unclear('an error does not say whether the call was delivered');
  return delivered ? 'unknown' : 'not delivered';
}
