/** Where lines of the log go: a file descriptor, before the call returns, so that a crash loses none. */
import { writeSync } from 'node:fs';

/** How long a reader that takes nothing right now (EAGAIN) is waited for, in ms: the gateway stands still as long. */
const PATIENCE_MS = 100;
const LOOK_MS = 5;

/**
 * Never throws: a disk that is full, or a reader that is gone, costs lines of the log and no service. What is lost is counted
 * and told with the first line that can be written again.
 */
export class LineSink {
  readonly #fd: number;
  readonly #tell: (lost: number) => string;
  #lost = 0;
  /** Half of a line stands at the end. */
  #isCut = false;

  /** @param tell the line that says how many were lost */
  constructor(fd: number, tell: (lost: number) => string) {
    this.#fd = fd;
    this.#tell = tell;
  }

  /** @param line with its line break */
  write(line: string): void {
    const lost = this.#lost;
    const before = (this.#isCut ? '\n' : '') + (lost > 0 ? this.#tell(lost) : '');
    this.#lost = this.#writeWhole(Buffer.from(before + line)) ? 0 : lost + 1;
  }

  #writeWhole(bytes: Buffer): boolean {
    // One that was waited for in vain is not waited for again, until it takes something.
    let waitedMs = this.#lost > 0 ? PATIENCE_MS : 0;
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(this.#fd, bytes, at);
        this.#isCut = at < bytes.length;
      } catch (error) {
        const isBusy = (error as NodeJS.ErrnoException).code === 'EAGAIN';
        if (!isBusy || waitedMs >= PATIENCE_MS) return false;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
        waitedMs += LOOK_MS;
      }
    }
    return true;
  }
}
