/** Which tools of a service its clients may see and call (`tools.allow`, `tools.deny`; contract §4). */
import type { CommonConfig } from './config/service-config.ts';
import { errorText, INTERNAL_ERROR } from './rpc/build.ts';
import type { RpcId } from './rpc/json-rpc.ts';
import { isObject } from './rpc/places.ts';

export interface ToolFilter {
  /** True for a tool on the allow list, or without one, that is not on the deny list. Names are compared as they are. */
  allows(name: unknown): name is string;
}

/** The filter of a config; null when it restricts nothing. In a list `*` stands for any characters, or none. */
export function createToolFilter({ allow, deny }: CommonConfig['tools']): ToolFilter | null {
  if (allow === null && deny.length === 0) return null;
  const allowed = allow === null ? () => true : matcher(allow);
  const denied = matcher(deny);
  return {
    allows: (name): name is string => typeof name === 'string' && allowed(name) && !denied(name),
  };
}

/**
 * The answer to a `tools/list`, of which this is one page, without the tools that are not allowed; what else it holds
 * (`nextCursor`, `_meta`) stays. It is always written anew: a duplicate key could hide a tool from us and not from the client.
 */
export function filterToolList(filter: ToolFilter, id: RpcId, text: string): string {
  const message: unknown = JSON.parse(text);
  if (!isObject(message) || !isObject(message.result)) return text;
  const { tools } = message.result;
  const isVisible = (tool: unknown) => isObject(tool) && filter.allows(tool.name);
  if (tools !== undefined) message.result.tools = Array.isArray(tools) ? tools.filter(isVisible) : [];
  try {
    return JSON.stringify(message);
  } catch {
    // What JSON.parse returns can only be nested too deeply.
    return errorText(id, INTERNAL_ERROR, 'the list of tools is nested too deeply to be filtered');
  }
}

function matcher(list: readonly string[]): (name: string) => boolean {
  const names = new Set(list.filter(entry => !entry.includes('*')));
  const patterns = list.filter(entry => entry.includes('*')).map(entry => entry.split('*'));
  return name => names.has(name) || patterns.some(parts => matches(parts, name));
}

/** Whether a pattern, split at its stars, fits the whole name. No regular expression: names are hostile and may be long. */
function matches(parts: readonly string[], name: string): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (!name.startsWith(first)) return false;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return name.length - last.length >= position && name.endsWith(last);
}
