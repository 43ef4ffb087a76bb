/** What the witnesses wrote down: every process that ever was, what it was used for, every call that was executed. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** A process that was alive at some time; pid and start time name it for good. */
export interface Sighting {
  readonly pid: number;
  readonly ticks: number;
}

export interface Witness extends Sighting {
  /** The gateway that spawned it. */
  readonly ppid: number;
  readonly service: string;
  readonly version: number;
  /** Something was written to it. */
  used: boolean;
}

type Line =
  | ({ readonly what: 'start' } & Omit<Witness, 'used'>)
  | { readonly what: 'use'; readonly pid: number }
  | { readonly what: 'member'; readonly pid: number; readonly member: number; readonly ticks: number }
  | { readonly what: 'call'; readonly pid: number; readonly token: string };

export class WitnessBook {
  readonly witnesses: Witness[] = [];
  /** Processes that witnesses had under them, by the gateway above. */
  readonly members: (Sighting & { readonly ppid: number })[] = [];
  /** How often each token was seen. */
  readonly calls = new Map<string, number>();
  readonly #path: string;
  #offset = 0;
  #rest = '';

  /** @param path the journal all witnesses append to; it has to exist */
  constructor(path: string) {
    this.#path = path;
  }

  /** Reads what was written since the last time. */
  read(): void {
    const lines = (this.#rest + this.#news()).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(JSON.parse(line));
  }

  #take(line: Line): void {
    if (line.what === 'start') this.witnesses.push({ ...line, used: false });
    else if (line.what === 'call') this.calls.set(line.token, (this.calls.get(line.token) ?? 0) + 1);
    else {
      const witness = this.witnesses.findLast(({ pid }) => pid === line.pid);
      if (witness === undefined) throw new Error(`the journal has no start of ${JSON.stringify(line)}`);
      if (line.what === 'use') witness.used = true;
      else this.members.push({ pid: line.member, ticks: line.ticks, ppid: witness.ppid });
    }
  }

  #news(): string {
    const file = openSync(this.#path, 'r');
    try {
      const bytes = Buffer.alloc(1024 * 1024);
      const parts: Buffer[] = [];
      for (;;) {
        const count = readSync(file, bytes, 0, bytes.length, this.#offset);
        if (count === 0) return Buffer.concat(parts).toString();
        parts.push(Buffer.from(bytes.subarray(0, count)));
        this.#offset += count;
      }
    } finally {
      closeSync(file);
    }
  }
}

/** Whether that very process is alive: another that got its pid is not, nor is one that only waits to be reaped. */
export function isAlive({ pid, ticks }: Sighting): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[19]) === ticks && fields[0] !== 'Z' && fields[0] !== 'X';
  } catch {
    return false;
  }
}
