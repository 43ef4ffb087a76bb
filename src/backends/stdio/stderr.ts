/** The last lines a backend wrote to stderr, fit to be shown: bounded, harmless to a terminal, without secrets. */
import { stripVTControlCharacters } from 'node:util';
import { LineReader } from './lines.ts';

export interface StderrOptions {
  /** Lines kept; default 50. */
  readonly maxLines?: number;
  /** Characters of a line; the rest is cut. Default 1,000. */
  readonly maxLineChars?: number;
  /** Values that must not be shown (the config's environment values). Those below 6 characters are left alone. */
  readonly secrets?: readonly string[];
  /** Each line as it is kept, for the log. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** A secret shorter than this is no secret, and hiding it would spoil every line. */
const SHORTEST_SECRET = 6;
/** Longest line that is looked at as a whole. In bytes. */
const MAX_LINE_BYTES = 65_536;
/** Control and format characters (bidirectional overrides among them) and exotic line breaks. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

export class StderrTail {
  readonly #lines: string[] = [];
  readonly #reader: LineReader;
  readonly #maxLines: number;
  readonly #maxLineChars: number;
  readonly #secrets: readonly string[];
  readonly #onLine: ((line: string) => void) | undefined;

  constructor(options: StderrOptions = {}) {
    this.#maxLines = options.maxLines ?? 50;
    this.#maxLineChars = options.maxLineChars ?? 1_000;
    this.#onLine = options.onLine;
    this.#secrets = (options.secrets ?? [])
      .flatMap(secret => secret.split(/\r?\n/))
      .map(harmless)
      .filter(secret => secret.length >= SHORTEST_SECRET)
      .sort((a, b) => b.length - a.length);
    this.#reader = new LineReader({
      maxLineBytes: MAX_LINE_BYTES,
      // A secret that begins within the part that is shown must be there to its end to be recognised.
      headChars: this.#maxLineChars + 1 + (this.#secrets[0]?.length ?? 0),
      onLine: line => this.#add(line),
      onOversized: (_bytes, head) => this.#add(head),
    });
  }

  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  end(): void {
    this.#reader.end();
  }

  /** The lines kept, oldest first. */
  get lines(): readonly string[] {
    return [...this.#lines];
  }

  /** The very last lines in one, at most `maxChars` characters, for a message; empty when there was nothing. */
  excerpt(maxChars: number): string {
    let text = '';
    for (const line of this.#lines.toReversed()) {
      const longer = text === '' ? line : `${line} | ${text}`;
      if (longer.length > maxChars) return text === '' ? line.slice(0, maxChars) : text;
      text = longer;
    }
    return text;
  }

  #add(raw: string): void {
    let line = harmless(raw);
    for (const secret of this.#secrets) line = line.replaceAll(secret, '[hidden]');
    if (line.length > this.#maxLineChars) line = `${line.slice(0, this.#maxLineChars - 1)}…`;
    if (line.trim() === '') return;
    this.#lines.push(line);
    if (this.#lines.length > this.#maxLines) this.#lines.shift();
    this.#onLine?.(line);
  }
}

/** What a terminal would show of a line: without escape sequences, and after its last carriage return. */
function harmless(line: string): string {
  const plain = stripVTControlCharacters(line).trimEnd();
  return plain
    .slice(plain.lastIndexOf('\r') + 1)
    .replaceAll(/\t/g, ' ')
    .replaceAll(HARMFUL, '\uFFFD');
}
