/** What became of a request, in a word: how far it got. */
import type { Plan } from './requests.ts';
import type { Answer } from './send.ts';

/** @param answer null: nobody waited for it */
export function outcomeOf({ path, body }: Plan, answer: Answer | null): string {
  if (answer === null) return 'hung up';
  const { status, streamed, body: text } = answer;
  if (path.includes('/proxy/') && text.includes('"result":'))
    return body?.includes('"method":"initialize"') ? 'session opened' : 'result of a backend';
  const refusal = /"code":"(\d{4})"/.exec(text)?.[1];
  if (status >= 400 && refusal !== undefined) return `refused ${refusal}`;
  if (path.includes('/proxy/') && text.includes('"error":'))
    return refusal === undefined ? 'error of a backend' : `refused ${refusal}`;
  if (streamed) return 'stream';
  if (status === 202) return 'accepted';
  if (refusal === '0000') return 'done';
  return status >= 300 && status < 400 ? 'redirected' : 'other';
}
