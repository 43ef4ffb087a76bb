/** The calls that are sent, and how an answer is told from a wrong one. */

export type Tool = 'echo' | 'blob' | 'length' | 'progress' | 'late';

export interface CallKind {
  readonly tool: Tool;
  /** Length of the text that is sent, in bytes. */
  readonly sent: number;
  /** Length of the text that comes back, in bytes. */
  readonly received: number;
  /** How long the backend takes for each, in ms. */
  readonly delayMs?: number;
}

const VERSION = '2025-06-18';
export const VERSION_HEADER = `MCP-Protocol-Version: ${VERSION}\r\n`;
export const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

export function initializeText(id: number): string {
  const params = { protocolVersion: VERSION, capabilities: {}, clientInfo: { name: 'bench', version: '1' } };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'initialize', params });
}

/** Makes the texts of calls; `rename` is what a peer calls a tool of the backend. */
export function callTexts({ tool, sent, received, delayMs }: CallKind, rename: (tool: string) => string) {
  const meta = tool === 'progress' ? `,"_meta":{"progressToken":` : null;
  const bytes = tool === 'blob' ? `"bytes":${received},` : '';
  const delay = delayMs === undefined ? '' : `"delayMs":${delayMs},`;
  const args = `{${bytes}${delay}"message":"${'x'.repeat(sent)}"}`;
  const params = `"params":{"name":"${rename(tool)}","arguments":${args}`;
  const call = `"method":"tools/call",${params}`;
  return (id: number) => `{"jsonrpc":"2.0","id":${id},${call}${meta === null ? '' : `${meta}${id}}`}}}`;
}

/** Answers longer than this are looked at in their ends only. */
const LONG = 16_384;
const END = 256;

/** What is wrong with the answer to call `id`; null: nothing. It may be an event stream. */
export function faultOf(body: Buffer, id: number, { tool, received }: CallKind): string | null {
  const { length } = body;
  if (length < received) return `only ${length} bytes: ${body.toString('latin1', 0, END)}`;
  const text =
    length < LONG
      ? body.toString('latin1')
      : body.toString('latin1', 0, 4 * END) + body.toString('latin1', length - 4 * END);
  const mine = text.includes(`"id":${id}}`) || text.includes(`"id":${id},`);
  if (!mine || !text.includes('"content"')) return `not the answer to ${id}: ${text.slice(0, END)}`;
  if (tool === 'progress' && !text.includes(`"progressToken":${id}`)) return `no progress of ${id}: ${text}`;
  return null;
}
