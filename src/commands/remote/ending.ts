/** How a bridge on stdio ends: when its client has left, and what ends it before, whatever is under way. */
import type { Writable } from 'node:stream';
import { EXIT } from '../command.ts';

/** Why the bridge ends, and its exit code: unless that is 0, the client takes no answers any more. */
export interface Ending {
  readonly why: string;
  readonly code: number;
}

export const CLIENT_LEFT: Ending = { why: 'the client has closed stdin', code: EXIT.done };
export const UNREAD: Ending = { why: 'the client does not read what it is sent', code: EXIT.failed };
const CLOSED: Ending = { why: 'the client has closed stdout', code: EXIT.failed };

export function unreadable(reason: string): Ending {
  return { why: `stdin cannot be read (${reason})`, code: EXIT.failed };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Hears of what ends the bridge at once: signals, an output that is gone, and whatever else it is told. */
export class CutShort {
  /** Resolves with the first of them. */
  readonly happened: Promise<Ending>;
  readonly #resolve: (ending: Ending) => void;
  readonly #onSignal = (signal: NodeJS.Signals) => this.short({ why: `got ${signal}`, code: EXIT.done });

  constructor(output: Writable) {
    let resolveHappened: (ending: Ending) => void = () => {};
    this.happened = new Promise(resolve => {
      resolveHappened = resolve;
    });
    this.#resolve = resolveHappened;
    // A second signal of its kind is not heard here, and ends the process.
    for (const signal of SIGNALS) process.once(signal, this.#onSignal);
    for (const event of ['error', 'close']) output.on(event, () => this.short(CLOSED));
  }

  short(ending: Ending): void {
    this.#resolve(ending);
  }

  /** Hears no signals any more. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}

/** Resolves with true when all is written, or nothing more can be. */
export function written(output: Writable): Promise<true> {
  return new Promise(resolve => {
    if (output.destroyed) resolve(true);
    else output.write('', () => resolve(true));
  });
}
