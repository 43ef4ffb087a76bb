/**
 * The way from a reference gateway to its backend and back: one child, ids remapped by splicing the text, nothing checked.
 * It is the least that a gateway can do, and the measure for one that does more.
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';

const LINE_FEED = 10;
/** Longer messages stay Buffers: only the id is patched, nothing is decoded. */
const LONG = 16_384;
const HEAD = /^\{"jsonrpc":"2\.0","id":(\d+),"(?:result|error)":/;
const TOKEN = /"progressToken":(\d+)/;
const REQUEST = /^\{"jsonrpc":"2\.0","id":(\d+|"[^"\\]{0,64}"),"method":"([^"\\]+)"/;

/** Where the id's value begins in `{"jsonrpc":"2.0","id":…`. */
const ID_AT = 22;

/**
 * @typedef {object} Sink what an answer is given to
 * @property {(text: string) => void} result
 * @property {(pieces: readonly Buffer[], bytes: number) => void} longResult
 * @property {(text: string) => void} [message] progress
 */

/** Starts the backend. @param {readonly string[]} command */
export function openPipe(command) {
  const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
  child.on('exit', () => process.exit(1));
  /** @type {Map<number, { id: string, sink: Sink }>} */
  const waiting = new Map();
  let lastId = 0;
  let batch = '';

  const flush = () => {
    const text = batch;
    batch = '';
    if (text !== '') child.stdin.write(text);
  };
  /** Texts of one turn of the event loop leave in one write. */
  const write = text => {
    if (batch === '') setImmediate(flush);
    batch += `${text}\n`;
  };

  const take = id => {
    const call = waiting.get(Number(id));
    waiting.delete(Number(id));
    return call;
  };

  function onLine(text) {
    const id = HEAD.exec(text.slice(0, 80))?.[1];
    const call = id === undefined ? undefined : take(id);
    if (call !== undefined)
      call.sink.result(`{"jsonrpc":"2.0","id":${call.id}${text.slice(ID_AT + id.length)}`);
    else onProgress(text);
  }

  function onProgress(text) {
    const token = TOKEN.exec(text)?.[1];
    const call = token === undefined ? undefined : waiting.get(Number(token));
    call?.sink.message?.(text.replace(TOKEN, `"progressToken":${call.id}`));
  }

  function onLong(pieces, bytes) {
    const id = HEAD.exec(pieces[0].toString('latin1', 0, 80))?.[1];
    const call = id === undefined ? undefined : take(id);
    if (call === undefined) return;
    const head = Buffer.from(`{"jsonrpc":"2.0","id":${call.id}`);
    const cut = ID_AT + id.length;
    call.sink.longResult([head, pieces[0].subarray(cut), ...pieces.slice(1)], bytes - cut + head.length);
  }

  readLines(child.stdout, onLine, onLong);

  return {
    /** Sends a request; its method, or null when it is no request in the form that is known here. */
    request(/** @type {string} */ text, /** @type {Sink} */ sink) {
      const match = REQUEST.exec(text.slice(0, 256));
      if (match === null) return null;
      const id = ++lastId;
      waiting.set(id, { id: match[1], sink });
      const rest = text.slice(ID_AT + match[1].length);
      write(`{"jsonrpc":"2.0","id":${id}${rest.replace(TOKEN, `"progressToken":${id}`)}`);
      return match[2];
    },
    /** As `request`, for a long body. */
    longRequest(/** @type {Buffer} */ body, /** @type {Sink} */ sink) {
      const match = REQUEST.exec(body.toString('latin1', 0, 256));
      if (match === null) return null;
      const id = ++lastId;
      waiting.set(id, { id: match[1], sink });
      flush();
      child.stdin.cork();
      child.stdin.write(`{"jsonrpc":"2.0","id":${id}`);
      child.stdin.write(body.subarray(ID_AT + match[1].length));
      child.stdin.write('\n');
      process.nextTick(() => child.stdin.uncork());
      return match[2];
    },
    notify: write,
  };
}

function readLines(stream, onLine, onLong) {
  let pieces = [];
  let held = 0;
  stream.on('data', chunk => {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      const bytes = held + at - from;
      if (bytes >= LONG) onLong([...pieces, chunk.subarray(from, at)], bytes);
      else if (held > 0) onLine(Buffer.concat([...pieces, chunk.subarray(from, at)]).toString());
      else onLine(chunk.utf8Slice(from, at));
      pieces = [];
      held = 0;
      from = at + 1;
    }
    if (from < chunk.length) {
      pieces.push(chunk.subarray(from));
      held += chunk.length - from;
    }
  });
}
