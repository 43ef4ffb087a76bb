/** Line framing of a byte stream (MCP stdio transport: one JSON-RPC message per line; server-sent events). */

export interface LineOptions {
  /** Longest line in bytes, its break not counted; a longer one is skipped and reported, the next one arrives. */
  readonly maxLineBytes: number;
  /** How many characters of a skipped line are reported. */
  readonly headChars: number;
  onLine(text: string): void;
  /** Offers a line before it is decoded; true: it was taken, and does not come by `onLine`. */
  onBytes?(line: Buffer): boolean;
  /** An empty line; not reported by default. */
  onEmpty?(): void;
  /** A line of that many bytes was skipped; called when its end has been seen. `tail` is its last 256 bytes. */
  onOversized(bytes: number, head: string, tail: string): void;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Pieces below this size are copied together, so that a line of single-byte writes costs its bytes and no more. */
const BLOCK_BYTES = 16_384;
/** How much of the end of a skipped line is reported. */
const TAIL_BYTES = 256;

/**
 * Cuts chunks into lines. Work is linear in the bytes whatever the chunks are: pieces are kept in a list and
 * joined once per line, and UTF-8 is decoded only for a whole line. Memory is bounded by `maxLineBytes`.
 * A carriage return before the line feed belongs to the break.
 */
export class LineReader {
  readonly #options: LineOptions;
  readonly #headBytes: number;
  #pieces: Buffer[] = [];
  /** The block small pieces are copied into, and how much of it is in use; it is not in `#pieces` yet. */
  #block: Buffer | null = null;
  #blockUsed = 0;
  /** Bytes of the unfinished line so far, the skipped ones included. */
  #bytes = 0;
  /** Start of the unfinished line once that is too long to be kept. */
  #head: string | null = null;
  /** The last bytes of the unfinished line. */
  readonly #tail = Buffer.alloc(TAIL_BYTES);
  #tailUsed = 0;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#headBytes = options.headChars * 4; // what so many characters take in UTF-8, at most
  }

  /** Takes the next bytes of the stream and reports the lines they complete. */
  push(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      const rest = chunk.subarray(from, at);
      from = at + 1;
      this.#finish(rest);
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  /** The stream has ended: a last line without a break counts as one. */
  end(): void {
    this.#finish(Buffer.alloc(0));
  }

  #finish(rest: Buffer): void {
    if (this.#bytes + rest.length > this.#options.maxLineBytes) {
      this.#keep(rest);
      const [bytes, head] = [this.#bytes, this.#head ?? this.#decodeHead()];
      const tail = this.#tail.toString('utf8', 0, this.#tailUsed);
      this.#reset();
      this.#options.onOversized(bytes, head, tail);
      return;
    }
    const line = this.#bytes === 0 ? rest : Buffer.concat([...this.#takePieces(), rest]);
    this.#reset();
    const length = line[line.length - 1] === CARRIAGE_RETURN ? line.length - 1 : line.length;
    if (length === 0) this.#options.onEmpty?.();
    else if (this.#options.onBytes?.(length === line.length ? line : line.subarray(0, length)) !== true)
      this.#options.onLine(line.toString('utf8', 0, length));
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    this.#keepTail(piece);
    if (this.#head !== null) return;
    this.#append(piece);
    if (this.#bytes <= Math.max(this.#options.maxLineBytes, this.#headBytes)) return;
    this.#head = this.#decodeHead();
    this.#pieces = [];
  }

  #keepTail(piece: Buffer): void {
    const kept = Math.min(this.#tailUsed, Math.max(0, TAIL_BYTES - piece.length));
    this.#tail.copyWithin(0, this.#tailUsed - kept, this.#tailUsed);
    this.#tailUsed = kept + piece.copy(this.#tail, kept, Math.max(0, piece.length - TAIL_BYTES));
  }

  #append(piece: Buffer): void {
    if (this.#block !== null && this.#blockUsed + piece.length > BLOCK_BYTES) this.#closeBlock();
    if (piece.length >= BLOCK_BYTES) {
      this.#pieces.push(piece);
      return;
    }
    this.#block ??= Buffer.allocUnsafe(BLOCK_BYTES);
    this.#blockUsed += piece.copy(this.#block, this.#blockUsed);
  }

  #closeBlock(): void {
    if (this.#block !== null) this.#pieces.push(this.#block.subarray(0, this.#blockUsed));
    this.#block = null;
    this.#blockUsed = 0;
  }

  #takePieces(): Buffer[] {
    this.#closeBlock();
    return this.#pieces;
  }

  #decodeHead(): string {
    const start: Buffer[] = [];
    let missing = this.#headBytes;
    for (const piece of this.#takePieces()) {
      start.push(piece.subarray(0, missing));
      missing -= piece.length;
      if (missing <= 0) break;
    }
    return Buffer.concat(start).toString('utf8').slice(0, this.#options.headChars);
  }

  #reset(): void {
    this.#pieces = [];
    this.#block = null;
    this.#blockUsed = 0;
    this.#bytes = 0;
    this.#head = null;
    this.#tailUsed = 0;
  }
}
