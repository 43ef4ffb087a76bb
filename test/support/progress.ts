/** Progress as a client of the SDK gets it. */
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

/**
 * The progress notifications that reach a client from now on. Its own handler hears of one in a later step, and of none that
 * came together with the result: by then it has forgotten the call.
 */
export function progressOn(client: Client): number[] {
  const seen: number[] = [];
  const { transport } = client;
  const take = transport?.onmessage;
  if (transport === undefined || take === undefined) throw new Error('the client is not connected');
  transport.onmessage = (message, extra) => {
    if ('method' in message && message.method === 'notifications/progress')
      seen.push(Number(message.params?.progress));
    take(message, extra);
  };
  return seen;
}
