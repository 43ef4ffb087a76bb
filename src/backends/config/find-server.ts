/** Finds the one server in whatever form the config came (contract §4). */
import { ConfigError } from './config-error.ts';
import { type ConfigObject, fieldOf, isObject, join, plainKey } from './config-fields.ts';

/** A server object, where it stands, and the name it stands under. */
export interface FoundServer {
  readonly path: string;
  readonly name: string | null;
  readonly server: ConfigObject;
}

/** How deep a server may be nested: `{"mcp": {"servers": {"files": {…}}}}` needs three. */
const MAX_DEPTH = 4;
const EXPECTED = '{"mcpServers": {"<name>": {"command": …} or {"url": …}}}';

/** Keys that hold the address of a remote server, in the order in which they count. */
export const URL_KEYS = ['url', 'baseUrl'] as const;

/**
 * The server of a config: under `mcpServers`, nested under any other key, or the config itself. Keys beside
 * it are not looked at.
 * @throws {ConfigError} no object, no server, or more than one
 */
export function findServer(input: unknown): FoundServer {
  if (!isObject(input)) throw new ConfigError('config', `must be an object such as ${EXPECTED}`);
  const key = Object.keys(input).find(each => plainKey(each) === 'mcpservers');
  if (key !== undefined) return theServerUnder(input[key], join('', key));
  if (looksLikeServer(input)) return { path: '', name: null, server: input };
  const found = nestedServers(input, '', 1);
  const [first, second] = found;
  if (first === undefined) throw new ConfigError('config', `holds no server; send ${EXPECTED}`);
  if (second !== undefined) throw countError('config', found.length);
  return first;
}

function theServerUnder(value: unknown, path: string): FoundServer {
  if (!isObject(value)) throw new ConfigError(path, 'must be an object with one named server');
  if (looksLikeServer(value)) return { path, name: null, server: value };
  const entries = Object.entries(value);
  const [entry] = entries;
  if (entry === undefined) throw new ConfigError(path, `holds no server; send ${EXPECTED}`);
  if (entries.length > 1) throw countError(path, entries.length);
  const [name, server] = entry;
  const at = join(path, name);
  if (!isObject(server)) throw new ConfigError(at, 'must be an object with a "command" or a "url"');
  return { path: at, name, server };
}

function countError(path: string, count: number): ConfigError {
  return new ConfigError(path, `holds ${count} servers; send exactly one per service`);
}

/** A server named `url` or `command` is an object; the address or the command of a server never is. */
function looksLikeServer(object: ConfigObject): boolean {
  return ['command', ...URL_KEYS].some(name => {
    const field = fieldOf(object, '', name);
    return field !== undefined && !isObject(field.value);
  });
}

function nestedServers(object: ConfigObject, path: string, depth: number): FoundServer[] {
  return Object.entries(object).flatMap(([name, value]): FoundServer[] => {
    if (!isObject(value)) return [];
    const at = join(path, name);
    if (looksLikeServer(value)) return [{ path: at, name, server: value }];
    return depth < MAX_DEPTH ? nestedServers(value, at, depth + 1) : [];
  });
}
