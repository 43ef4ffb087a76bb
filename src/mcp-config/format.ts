/** What MCP clients write into their server files, and where the servers stand in it. */
import { createRequire } from 'node:module';
import { ConfigError } from '../backends/config/config-error.ts';
import { type ConfigObject, isObject } from '../backends/config/config-fields.ts';

export interface FoundServers {
  readonly servers: ConfigObject;
  /** Where they stand in the file. */
  readonly at: string;
}

/** Claude Desktop, Cursor and most others; VS Code; VS Code's settings. */
const PLACES: readonly (readonly string[])[] = [['mcpServers'], ['servers'], ['mcp', 'servers']];

/**
 * The servers by name. Comments and trailing commas are taken, as those clients take them.
 * @throws {ConfigError} no JSON, or no object of servers where they belong; nothing of the text is quoted
 */
export function findServers(text: string): FoundServers {
  const content = parse(text);
  if (!isObject(content)) throw new ConfigError('the file', `must hold an object such as ${EXPECTED}`);
  for (const place of PLACES) {
    const servers = place.reduce<unknown>(
      (value, key) => (isObject(value) ? value[key] : undefined),
      content,
    );
    const at = place.join('.');
    if (servers === undefined) continue;
    if (!isObject(servers)) throw new ConfigError(at, 'must be an object of servers by name');
    return { servers, at };
  }
  throw new ConfigError('the file', `has no mcpServers and no servers; write ${EXPECTED}`);
}

const EXPECTED = '{"mcpServers": {"<name>": {"command": …} or {"url": …}}}';

/** For the parser, which most gateways do without. */
const load = createRequire(import.meta.url);

function parse(text: string): unknown {
  const JSON5: typeof import('json5') = load('json5');
  try {
    return JSON5.parse(text);
  } catch (error) {
    const { lineNumber, columnNumber } = error as { lineNumber?: number; columnNumber?: number };
    const where = lineNumber === undefined ? '' : ` at line ${lineNumber}, column ${columnNumber}`;
    throw new ConfigError('the file', `is not valid JSON${where}; check quotes, commas and brackets`);
  }
}
