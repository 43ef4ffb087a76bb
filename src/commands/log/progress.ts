/** How far something is that takes long: one line that rewrites itself, where somebody watches. */
import type { Terminal } from '../command.ts';

const BAR_CHARS = 24;
/** Time between two looks of the line, in ms. */
const REFRESH_MS = 100;
/** Takes the cursor to the line's start and clears it. */
const CLEAR = '\r\u001b[K';

export class Progress {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal, now: () => number = Date.now) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** @param total 0: not known */
  show(what: string, done: number, total: number): void {
    const now = this.#now();
    if (this.#terminal.interactive !== true || now - this.#shownAt < REFRESH_MS) return;
    this.#shownAt = now;
    const share = total === 0 ? 0 : Math.min(1, done / total);
    const filled = Math.round(share * BAR_CHARS);
    const bar = total === 0 ? '' : `${'█'.repeat(filled)}${'░'.repeat(BAR_CHARS - filled)} `;
    const percent = total === 0 ? '' : ` (${Math.floor(share * 100)} %)`;
    this.#terminal.err(`${CLEAR}${what.padEnd(9)} ${bar}${count(done)}${percent}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#terminal.interactive === true && this.#shownAt > 0) this.#terminal.err(CLEAR);
    this.#shownAt = Number.NEGATIVE_INFINITY;
  }
}

/** A number with its thousands apart. */
export const count = (number: number) => Math.round(number).toLocaleString('en-US');

/** Lets the event loop turn: what is read afterwards is of a later moment. */
export const turn = () => new Promise<void>(resolve => setImmediate(resolve));
