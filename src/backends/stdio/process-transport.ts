/** One running backend process as a transport: JSON-RPC lines over its pipes, its loss, and its end. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { LossReason } from '../backend.ts';
import { type Timers, within } from '../timers.ts';
import type { Transport, TransportEvents } from '../transport.ts';
import { LineReader } from './lines.ts';
import { Outbox } from './outbox.ts';
import type { ProcessTree } from './process-tree.ts';
import type { StderrTail } from './stderr.ts';

export interface ProcessTransportOptions {
  readonly tree: ProcessTree;
  readonly stderr: StderrTail;
  readonly events: TransportEvents;
  readonly timers: Timers;
  /** Time between TERM and KILL in ms. */
  readonly graceMs: number;
  /** Time between the end of stdin and TERM in ms. */
  readonly eofGraceMs: number;
  readonly maxMessageBytes: number;
  readonly maxQueuedBytes: number;
  /** Called when nothing of the tree is left. */
  readonly onEnded?: () => void;
}

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

const OVERSIZED_HEAD_CHARS = 1_024;
const STDERR_EXCERPT_CHARS = 500;
/** How long the exit may stay away after a pipe broke: it comes along nearly always, and tells more. In ms. */
const EXIT_WAIT_MS = 1_000;
/** After the exit the pipes are read until this time went by without a byte, so many times at most. In ms. */
const QUIET_MS = 50;
const QUIET_ROUNDS = 20;

export class ProcessTransport implements Transport {
  readonly gone: Promise<LossReason>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #options: ProcessTransportOptions;
  readonly #outbox: Outbox;
  readonly #exited: Promise<Exit>;
  readonly #pipesClosed: Promise<void>;
  #bytesRead = 0;
  #lost = false;
  #closed: Promise<void> | null = null;

  /** `child` has just been spawned: none of its events has been missed. */
  constructor(child: ChildProcessWithoutNullStreams, options: ProcessTransportOptions) {
    this.#child = child;
    this.#options = options;
    this.#outbox = new Outbox(child.stdin, options.maxQueuedBytes);
    this.#exited = new Promise(resolve => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.#pipesClosed = new Promise(resolve => {
      child.once('close', () => resolve());
    });
    this.gone = this.#watch(this.#readPipes());
  }

  send(text: string): void {
    this.#outbox.send(text);
  }

  sendPieces(pieces: readonly Buffer[]): void {
    this.#outbox.send(pieces);
  }

  /**
   * Ends stdin first, as the specification asks: a server that ends by itself can finish its work. One that
   * is still there a little later gets TERM, and KILL after the grace time, with the rest of its tree.
   */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    const { tree, timers, eofGraceMs, graceMs } = this.#options;
    this.#outbox.finish('the connection to the backend was closed');
    await tree.survey(); // while parents can still be told: whoever leaves the tree later is known
    this.#child.stdin.end();
    await within(timers, eofGraceMs, this.#exited);
    await tree.end(graceMs);
    this.#options.onEnded?.();
    await this.gone;
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) pipe.destroy();
  }

  /** Reads both pipes to their ends; resolves with what is wrong when one of them breaks. */
  #readPipes(): Promise<string> {
    const { events, stderr, maxMessageBytes } = this.#options;
    const { stdin, stdout, stderr: complaints } = this.#child;
    const reader = new LineReader({
      maxLineBytes: maxMessageBytes,
      headChars: OVERSIZED_HEAD_CHARS,
      onLine: text => events.onMessage(text),
      onBytes: line => events.onBytes?.(line) ?? false,
      onOversized: (bytes, head, tail) => events.onOversized(bytes, head, tail),
    });
    const read = (take: (chunk: Buffer) => void) => (chunk: Buffer) => {
      if (this.#lost) return; // whoever still holds the pipe is read no more, but not held up either
      this.#bytesRead += chunk.length;
      events.onActivity();
      take(chunk);
    };
    stdout.on(
      'data',
      read(chunk => reader.push(chunk)),
    );
    complaints.on(
      'data',
      read(chunk => stderr.push(chunk)),
    );
    complaints.once('end', () => stderr.end());
    return new Promise(resolve => {
      stdout.once('end', () => {
        if (!this.#lost) reader.end();
        resolve('closed its stdout');
      });
      for (const [name, pipe] of Object.entries({ stdin, stdout, stderr: complaints })) {
        pipe.on('error', error =>
          resolve(`broke its ${name} (${'code' in error ? error.code : error.name})`),
        );
      }
      this.#child.on('error', error => resolve(`cannot be reached (${error.name})`));
    });
  }

  /**
   * Sees the loss through `exit`, not `close`: a grandchild that holds stdout open would delay that for ever.
   * What was in the pipes by then is delivered first.
   */
  async #watch(broken: Promise<string>): Promise<LossReason> {
    const fault = await Promise.race([broken, this.#exited.then(() => null)]);
    this.#outbox.shut(fault === null ? 'the backend has exited' : `the backend ${fault}`);
    const { timers, stderr } = this.#options;
    const exit = fault === null ? await this.#exited : await within(timers, EXIT_WAIT_MS, this.#exited);
    await this.#drain();
    this.#lost = true;
    stderr.end();
    return {
      message: this.#explain(exit, fault),
      exitCode: exit?.code ?? null,
      signal: exit?.signal ?? null,
    };
  }

  async #drain(): Promise<void> {
    for (let round = 0; round < QUIET_ROUNDS; round++) {
      const before = this.#bytesRead;
      await within(this.#options.timers, QUIET_MS, this.#pipesClosed);
      await new Promise(resolve => setImmediate(resolve)); // a turn of the loop that was late reads first
      if (this.#bytesRead === before) return;
    }
  }

  #explain(exit: Exit | null, fault: string | null): string {
    if (this.#closed !== null) return 'the connection to the backend was closed';
    if (exit?.code === 0) return 'the backend exited by itself (code 0)';
    const what =
      exit === null
        ? `the backend ${fault ?? 'is gone'} while it kept running`
        : exit.signal === null
          ? `the backend exited with code ${exit.code}`
          : `the backend was ended by ${exit.signal}`;
    const lastWords = this.#options.stderr.excerpt(STDERR_EXCERPT_CHARS);
    return lastWords === '' ? what : `${what}; last on stderr: ${lastWords}`;
  }
}
