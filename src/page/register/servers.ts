/** From pasted text to the servers in it. What a server may contain is the gateway's to say; here only JSON is checked. Pure. */

export interface PastedServer {
  /** Its key under `mcpServers`; null when the text is one bare server. */
  readonly name: string | null;
  /** What the gateway is given as `config`. */
  readonly config: unknown;
}

export type Pasted =
  | { readonly kind: 'empty' }
  | { readonly kind: 'broken'; readonly problem: string }
  | { readonly kind: 'servers'; readonly servers: readonly PastedServer[] };

const WRAPPER = 'mcpServers';

export function readPasted(text: string): Pasted {
  if (text.trim() === '') return { kind: 'empty' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'broken', problem: `config is not valid JSON${placeOf(error, text)}.` };
  }
  if (!isObject(value)) return { kind: 'broken', problem: 'config must be a JSON object.' };
  const wrapped = value[WRAPPER];
  if (!isObject(wrapped)) return { kind: 'servers', servers: [{ name: null, config: value }] };
  const servers = Object.entries(wrapped).map(([name, server]) => ({
    name,
    config: { [WRAPPER]: { [name]: server } },
  }));
  return servers.length === 0
    ? { kind: 'broken', problem: `config.${WRAPPER} has no server in it.` }
    : { kind: 'servers', servers };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where the text stops being JSON; browsers say it in different words. */
function placeOf(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : '';
  const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? [];
  if (line !== undefined) return ` at line ${line}, column ${column}`;
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
