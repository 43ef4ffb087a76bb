/**
 * One keep-alive HTTP/1.1 connection, written by hand: a client so cheap that it leaves the machine to what is measured. It
 * understands what the measured gateways answer: a Content-Length, chunks, or neither with 202 and 204.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Value of a header, given in lower case; null without it. */
  header(name: string): string | null;
  readonly body: Buffer;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Bodies up to this length leave in one write with their head. */
const SHORT = 16_384;
const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';

export class Connection {
  readonly #socket: Socket;
  readonly #url: URL;
  readonly #headers: string;
  #waiting: Waiting | null = null;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Total bytes from which an answer of known length is whole. */
  #needed = 0;
  #isChunked = false;
  #broken: Error | null = null;

  private constructor(socket: Socket, url: URL, headers: string) {
    this.#socket = socket;
    this.#url = url;
    this.#headers = headers;
    socket.on('data', chunk => this.#take(chunk));
    socket.on('error', error => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  /** @param headers of every request, as lines that end with CRLF */
  static open(url: URL, headers: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: Number(url.port), host: url.hostname, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket, url, headers));
      });
    });
  }

  /** One request at a time. @param headers of this one besides, as lines that end with CRLF */
  request(method: string, body: string | null, headers = ''): Promise<Answer> {
    const { pathname, search, host } = this.#url;
    const start = `${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${this.#headers}${headers}`;
    if (this.#broken !== null) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (body === null) this.#socket.write(`${start}\r\n`);
      else this.#send(`${start}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`, body);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(head: string, body: string): void {
    if (body.length < SHORT) {
      this.#socket.write(head + body);
      return;
    }
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(body);
    this.#socket.uncork();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed || (this.#isChunked && !this.#endsChunked(chunk))) return;
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    const answer = this.#read(bytes);
    if (answer === null) {
      this.#chunks = [bytes];
      return;
    }
    this.#chunks = [];
    this.#bytes = 0;
    this.#needed = 0;
    this.#isChunked = false;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(answer);
  }

  #endsChunked(chunk: Buffer): boolean {
    const end = chunk.length >= LAST_CHUNK.length ? chunk : Buffer.concat(this.#chunks.slice(-6));
    return end.toString('latin1', end.length - LAST_CHUNK.length) === LAST_CHUNK;
  }

  /** null: it is not whole yet. */
  #read(bytes: Buffer): Answer | null {
    const at = bytes.indexOf(HEAD_END);
    if (at === -1) return null;
    const head = bytes.toString('latin1', 0, at);
    const status = Number(head.slice(9, 12));
    const header = (name: string) => headerOf(head, name);
    const start = at + HEAD_END.length;
    const length = header('content-length');
    if (length !== null) {
      this.#needed = start + Number(length);
      if (bytes.length < this.#needed) return null;
      return { status, header, body: bytes.subarray(start, this.#needed) };
    }
    if (header('transfer-encoding') === null) return { status, header, body: Buffer.alloc(0) };
    this.#isChunked = true;
    const body = dechunked(bytes.subarray(start));
    return body === null ? null : { status, header, body };
  }

  #fail(error: Error): void {
    this.#broken = error;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
  }
}

function headerOf(head: string, name: string): string | null {
  const lower = head.toLowerCase();
  const at = lower.indexOf(`\r\n${name}:`);
  if (at === -1) return null;
  const start = at + name.length + 3;
  const end = lower.indexOf('\r\n', start);
  return head.slice(start, end === -1 ? head.length : end).trim();
}

/** What the chunks hold; null when the last one is missing. */
function dechunked(bytes: Buffer): Buffer | null {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (size === 0) return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    if (bytes.length < end + size + 4) return null;
    pieces.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + size + 4;
  }
}
