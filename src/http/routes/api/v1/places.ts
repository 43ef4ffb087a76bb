/** Places in the log, as clients name them. */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../../../actors/refusal.ts';

/** Greatest `seq` there can be. */
export const MAX_SEQ = Number.MAX_SAFE_INTEGER;

/** The `seq` a text names; null: none. */
export function readSeq(text: string): number | null {
  return /^\d{1,16}$/.test(text) && Number(text) <= MAX_SEQ ? Number(text) : null;
}

/**
 * Behind which record a stream begins: the one `Last-Event-ID` names (a reconnect keeps the URL, so it goes first), else
 * `after`; null: with the present. @throws {Refusal} 0011 naming the header
 */
export function streamStart({ headers }: FastifyRequest, after: number | undefined): number | null {
  const lastId = headers['last-event-id'];
  if (lastId === undefined || lastId === '') return after ?? null;
  const seq = readSeq(String(lastId));
  if (seq === null) throw new Refusal('0011', 'Last-Event-ID is not the id of an event of this stream');
  return seq;
}
