/**
 * Checks JSON in its bytes, which are UTF-8, without making anything of it: where a value ends, or that it is none. It takes what
 * JSON.parse takes, but neither line breaks between tokens, which must not reach a pipe, nor values nested too deeply.
 */
import { CASE, FAULT, isDigit, QUOTE, SPACE, skipString } from './strings.ts';

/** Deeper ones are left to JSON.parse. */
const MAX_DEPTH = 64;

const TAB = 0x09;
const PLUS = 0x2b;
export const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

/** The end of the value that begins at `at`, in an object or an array at that depth. */
export function skipValue(bytes: Buffer, at: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return skipString(bytes, at);
    case OPEN_BRACE:
      return depth === MAX_DEPTH ? FAULT : skipObject(bytes, at, depth);
    case OPEN_BRACKET:
      return depth === MAX_DEPTH ? FAULT : skipArray(bytes, at, depth);
    case LOWER_T:
      return skipLiteral(bytes, at, 'true');
    case LOWER_F:
      return skipLiteral(bytes, at, 'false');
    case LOWER_N:
      return skipLiteral(bytes, at, 'null');
    default:
      return skipNumber(bytes, at);
  }
}

/** The end of the blanks and tabs that begin at `at`. */
export function skipSpace(bytes: Buffer, at: number): number {
  let position = at;
  while (bytes[position] === SPACE || bytes[position] === TAB) position++;
  return position;
}

/** Where the value of a member begins whose key ends at `at`. */
export function skipColon(bytes: Buffer, at: number): number {
  const position = skipSpace(bytes, at);
  return bytes[position] === COLON ? skipSpace(bytes, position + 1) : FAULT;
}

function skipObject(bytes: Buffer, at: number, depth: number): number {
  let position = skipSpace(bytes, at + 1);
  if (bytes[position] === CLOSE_BRACE) return position + 1;
  for (;;) {
    if (bytes[position] !== QUOTE) return FAULT;
    position = skipString(bytes, position);
    if (position !== FAULT) position = skipColon(bytes, position);
    if (position !== FAULT) position = skipValue(bytes, position, depth + 1);
    if (position === FAULT) return FAULT;
    position = skipSpace(bytes, position);
    if (bytes[position] === CLOSE_BRACE) return position + 1;
    if (bytes[position] !== COMMA) return FAULT;
    position = skipSpace(bytes, position + 1);
  }
}

function skipArray(bytes: Buffer, at: number, depth: number): number {
  let position = skipSpace(bytes, at + 1);
  if (bytes[position] === CLOSE_BRACKET) return position + 1;
  for (;;) {
    position = skipValue(bytes, position, depth + 1);
    if (position === FAULT) return FAULT;
    position = skipSpace(bytes, position);
    if (bytes[position] === CLOSE_BRACKET) return position + 1;
    if (bytes[position] !== COMMA) return FAULT;
    position = skipSpace(bytes, position + 1);
  }
}

function skipLiteral(bytes: Buffer, at: number, word: string): number {
  for (let n = 0; n < word.length; n++) if (bytes[at + n] !== word.charCodeAt(n)) return FAULT;
  return at + word.length;
}

function skipNumber(bytes: Buffer, at: number): number {
  const start = bytes[at] === MINUS ? at + 1 : at;
  let position = skipDigits(bytes, start);
  if (position === start || (bytes[start] === ZERO && position > start + 1)) return FAULT;
  if (bytes[position] === POINT) {
    const fraction = position + 1;
    position = skipDigits(bytes, fraction);
    if (position === fraction) return FAULT;
  }
  if (((bytes[position] as number) | CASE) !== LOWER_E) return position;
  const signed = bytes[position + 1] === PLUS || bytes[position + 1] === MINUS;
  const exponent = position + (signed ? 2 : 1);
  position = skipDigits(bytes, exponent);
  return position === exponent ? FAULT : position;
}

function skipDigits(bytes: Buffer, at: number): number {
  let position = at;
  while (isDigit(bytes[position] as number)) position++;
  return position;
}
