/** JSON strings in their bytes: where they end, or that they are none. */

/** Not valid, or not taken here. */
export const FAULT = -1;

export const SPACE = 0x20;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_A = 0x61;
const LOWER_F = 0x66;
const LOWER_U = 0x75;
/** What an ASCII letter differs by from itself in the other case. */
export const CASE = 0x20;

/** `"`, `\\`, `/`, b, f, n, r, t. */
const ESCAPABLE = new Set([QUOTE, BACKSLASH, 0x2f, 0x62, LOWER_F, 0x6e, 0x72, 0x74]);

/** 1 for bytes that do not stand for themselves in a string: control characters, the quote, the backslash. */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte < SPACE || byte === QUOTE || byte === BACKSLASH),
);

/** After so many bytes without an escape the rest is looked through four bytes at a time. */
const STRIDE = 64;

/** The end of the string whose quote stands at `at`. */
export function skipString(bytes: Buffer, at: number): number {
  let position = at + 1;
  for (;;) {
    const near = Math.min(position + STRIDE, bytes.length);
    while (position < near && !isSpecial(bytes[position] as number)) position++;
    if (position === bytes.length) return FAULT;
    if (position === near) position = skipPlain(bytes, position);
    const byte = bytes[position] as number;
    if (byte === QUOTE) return position + 1;
    if (byte === BACKSLASH) position = skipEscape(bytes, position);
    else if (isSpecial(byte)) return FAULT;
    if (position === FAULT) return FAULT;
  }
}

/** Leads to the next special byte, or up to 16 bytes before it or the end. */
function skipPlain(bytes: Buffer, at: number): number {
  let position = at;
  // A view of words can only begin at a multiple of their size.
  while (((bytes.byteOffset + position) & 3) !== 0) {
    if (position === bytes.length || isSpecial(bytes[position] as number)) return position;
    position++;
  }
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + position, (bytes.length - position) >> 2);
  return position + 4 * plainWords(words);
}

/** How many words, a multiple of four, have nothing special in them. */
function plainWords(words: Int32Array): number {
  let n = 0;
  for (; n + 4 <= words.length; n += 4) {
    const found = marks(words[n] as number) | marks(words[n + 1] as number);
    if ((found | marks(words[n + 2] as number) | marks(words[n + 3] as number)) !== 0) break;
  }
  return n;
}

function isSpecial(byte: number): boolean {
  return SPECIAL[byte] === 1;
}

/**
 * Not 0 where one of a word's four bytes is special: taking away more than there is borrows a byte's highest bit, where it was
 * not set. Of the bytes below 0x80, one with its second bit flipped is below 0x21 only for control characters and the quote,
 * and a backslash becomes 0, which alone is below 1.
 */
function marks(word: number): number {
  const quoted = (word ^ 0x02020202) - 0x21212121;
  const escaped = (word ^ 0x5c5c5c5c) - 0x01010101;
  return (quoted | escaped) & ~word & 0x80808080;
}

function skipEscape(bytes: Buffer, at: number): number {
  const escaped = bytes[at + 1] as number;
  if (escaped !== LOWER_U) return ESCAPABLE.has(escaped) ? at + 2 : FAULT;
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHexDigit(bytes[digit] as number)) return FAULT;
  return at + 6;
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | CASE;
  return isDigit(byte) || (letter >= LOWER_A && letter <= LOWER_F);
}
