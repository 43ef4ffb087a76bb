/** Keys of an object, compared where they stand. */
import { BACKSLASH, CASE } from './strings.ts';

/** The key is none of the wanted ones, and no reader takes it for one. */
export const OTHER = -1;
/** A reader could take the key for a wanted one, or cannot be known not to. */
export const DOUBTFUL = -2;

const LAST_ASCII = 0x7f;

interface Candidate {
  readonly place: number;
  readonly bytes: Buffer;
}

/** The names wanted of one object, prepared once. They are ASCII. */
export class PlainNames {
  readonly count: number;
  readonly #byLength: readonly (readonly Candidate[] | undefined)[];

  constructor(...names: string[]) {
    this.count = names.length;
    const candidates = names.map((name, place) => ({ place, bytes: Buffer.from(name) }));
    const longest = Math.max(...names.map(name => name.length));
    this.#byLength = Array.from({ length: longest + 1 }, (_, length) => {
      const those = candidates.filter(({ bytes }) => bytes.length === length);
      return those.length > 0 ? those : undefined;
    });
  }

  /** The place, among the names, of the key from `start` up to `end`; or OTHER, or DOUBTFUL. */
  find(bytes: Buffer, start: number, end: number): number {
    const candidates = this.#byLength[end - start];
    if (candidates !== undefined) {
      for (const { place, bytes: name } of candidates) if (isAt(name, bytes, start, 0)) return place;
    }
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === BACKSLASH || byte > LAST_ASCII) return DOUBTFUL;
    }
    // An ASCII key can only be mistaken for a name of its own length.
    if (candidates === undefined) return OTHER;
    return candidates.some(({ bytes: name }) => isAt(name, bytes, start, CASE)) ? DOUBTFUL : OTHER;
  }
}

/** @param mask bits in which the bytes may differ */
function isAt(name: Buffer, bytes: Buffer, start: number, mask: number): boolean {
  for (let n = 0; n < name.length; n++) {
    if (((bytes[start + n] as number) | mask) !== ((name[n] as number) | mask)) return false;
  }
  return true;
}
