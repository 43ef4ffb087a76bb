/** The list of a service's tools as it is kept: a document beside the head, so that it outlives the backend. */
import type { Json, JsonObject } from '../store/event-log.ts';
import type { ListedTool, ToolList } from './services.ts';

/** Name of the document. */
export const TOOLS = 'tools';

/** Version of what is written; a list of another one is as good as none: the next start writes it anew. */
const VERSION = 1;

/** null for what this version did not write. */
export function toolListFromJson({ v, hash, count, at, tools }: JsonObject): ToolList | null {
  const sound =
    v === VERSION &&
    typeof hash === 'string' &&
    typeof count === 'number' &&
    typeof at === 'number' &&
    Array.isArray(tools) &&
    tools.every(isTool);
  return sound ? { hash, count, at, tools } : null;
}

function isTool(value: Json): value is JsonObject & ListedTool {
  if (typeof value !== 'object' || value === null || !('name' in value)) return false;
  const { name, title, description } = value;
  return typeof name === 'string' && isTextOrNull(title) && isTextOrNull(description);
}

function isTextOrNull(value: Json | undefined): value is string | null {
  return value === null || typeof value === 'string';
}
