/**
 * The MCP server behind every gateway that is measured: newline-delimited JSON-RPC on stdio, with as little work of its own
 * as can be. It looks for the members it needs instead of parsing, which holds for the texts that the load generator sends
 * and for what any of the gateways makes of them.
 *
 * Tools: `echo` {message}; `blob` {bytes} → so many bytes of text; `length` {message} → its length in bytes; `progress`
 * {message} → one progress notification, then the echo; `late` {message, delayMs} → the echo after a while. A client's
 * `notifications/roots/list_changed` makes it tell everybody that its tools have changed. Texts are ASCII.
 */
import { Buffer } from 'node:buffer';

const LINE_FEED = 10;
/** Longer lines are not decoded: their id is in one of their ends. */
const LONG = 16_384;
const blobs = new Map();
const tool = (name, properties) => ({
  name,
  description: name,
  inputSchema: { type: 'object', properties },
});
const TOOLS = JSON.stringify([
  tool('echo', { message: { type: 'string' } }),
  tool('blob', { bytes: { type: 'number' } }),
  tool('length', { message: { type: 'string' } }),
  tool('progress', { message: { type: 'string' } }),
  tool('late', { message: { type: 'string' }, delayMs: { type: 'number' } }),
]);

const LIST_CHANGED = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n';

const idOf = text => /"id":("[^"]*"|\d+)/.exec(text)?.[1];
const textResult = (id, text) =>
  `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"${text}"}]}}\n`;

function answer(line, bytes) {
  const id = idOf(line);
  const method = /"method":"([^"]*)"/.exec(line)?.[1];
  if (id === undefined) return method === 'notifications/roots/list_changed' ? LIST_CHANGED : '';
  if (method === 'tools/call') return call(line, id, bytes);
  if (method === 'ping') return `{"jsonrpc":"2.0","id":${id},"result":{}}\n`;
  if (method === 'tools/list') return `{"jsonrpc":"2.0","id":${id},"result":{"tools":${TOOLS}}}\n`;
  if (method === 'initialize') {
    const version = /"protocolVersion":"([^"]*)"/.exec(line)?.[1];
    const about = `"capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"echo","version":"1.0.0"}`;
    return `{"jsonrpc":"2.0","id":${id},"result":{"protocolVersion":"${version}",${about}}}\n`;
  }
  return `{"jsonrpc":"2.0","id":${id},"error":{"code":-32601,"message":"Method not found"}}\n`;
}

function call(line, id, bytes) {
  const name = /"name":"([^"]*)"/.exec(line)?.[1];
  if (name === 'length') return textResult(id, bytes);
  if (name === 'blob') {
    process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`);
    process.stdout.write(blob(Number(/"bytes":(\d+)/.exec(line)?.[1])));
    return '';
  }
  const echo = textResult(id, /"message":"([^"]*)"/.exec(line)?.[1] ?? '');
  if (name === 'late') {
    setTimeout(() => process.stdout.write(echo), Number(/"delayMs":(\d+)/.exec(line)?.[1]));
    return '';
  }
  const token = name === 'progress' ? /"progressToken":("[^"]*"|\d+)/.exec(line)?.[1] : undefined;
  if (token === undefined) return echo;
  const params = `{"progressToken":${token},"progress":1,"total":1}`;
  return `{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}\n${echo}`;
}

/** So many bytes of text, with the end of the message behind it. */
function blob(bytes) {
  let made = blobs.get(bytes);
  if (made === undefined) {
    made = Buffer.concat([Buffer.alloc(bytes, 'x'), Buffer.from('"}]}}\n')]);
    blobs.set(bytes, made);
  }
  return made;
}

let pieces = [];
let held = 0;

/** A long line as its two ends, which hold all that `answer` looks for. */
function shortened(parts, bytes) {
  const line = parts.length === 1 ? parts[0] : Buffer.concat(parts);
  return bytes < LONG ? line.latin1Slice() : `${line.latin1Slice(0, 2048)}${line.latin1Slice(bytes - 256)}`;
}

process.stdin.on('data', chunk => {
  let from = 0;
  let replies = '';
  for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
    const bytes = held + at - from;
    if (bytes > 0) {
      const line =
        held === 0 ? chunk.latin1Slice(from, at) : shortened([...pieces, chunk.subarray(from, at)], bytes);
      replies += answer(line, bytes);
    }
    pieces = [];
    held = 0;
    from = at + 1;
  }
  if (from < chunk.length) {
    pieces.push(chunk.subarray(from));
    held += chunk.length - from;
  }
  if (replies !== '') process.stdout.write(replies);
});
process.stdin.on('end', () => process.exit(0));
