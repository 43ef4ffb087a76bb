/** What a backend answers when the gateway itself asks for its tools. */
import type { JsonObject } from '../store/event-log.ts';
import type { Lane } from './backend.ts';
import { isObject } from './rpc/places.ts';

/** A backend that has more pages does not come to an end. */
const MAX_PAGES = 100;

/**
 * Asks for every page and calls `note` with each tool, as the backend wrote it; what is no object is left out.
 * @param timeoutMs for each page
 * @returns whether that was all of it: false when the backend refused, answered with something else, or goes on without end
 * @throws {AskFailure} it did not answer
 */
export async function listTools(
  lane: Pick<Lane, 'ask'>,
  timeoutMs: number,
  note: (tool: Record<string, unknown>) => void,
): Promise<boolean> {
  let params: JsonObject = {};
  for (let page = 0; page < MAX_PAGES; page++) {
    const { result } = await lane.ask('tools/list', params, timeoutMs);
    if (!isObject(result) || !Array.isArray(result.tools)) return false;
    for (const tool of result.tools) if (isObject(tool)) note(tool);
    if (typeof result.nextCursor !== 'string') return true;
    params = { cursor: result.nextCursor };
  }
  return false;
}
