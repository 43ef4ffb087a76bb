/**
 * Finds where the members of an object stand in the text of a JSON message, without parsing the rest. The text is valid
 * JSON or the beginning of one: of a cut text, members that end before the cut are found.
 */

/** Where a value stands: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Members {
  readonly spans: { readonly [name: string]: Span | undefined };
  /**
   * True when another reader could take another member for a wanted one: a wanted name occurs twice, is spelt with
   * escapes, or differs in case only (Go's decoder ignores case, and takes U+017F for an s and U+212A for a k).
   */
  readonly ambiguous: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LAST_ASCII = 0x7f;
/** So many characters can stand for one. */
const LONGEST_ESCAPE = 6;

/** Of what is no object. */
export const NOTHING: Members = { spans: {}, ambiguous: false };

/** The form in which names that a lenient reader takes for the same are the same. */
function foldName(name: string): string {
  return name.toUpperCase().toLowerCase();
}

/** The names wanted of one object, prepared once. They are ASCII. */
export class Names {
  readonly #exact: ReadonlySet<string>;
  readonly #folded: ReadonlySet<string>;
  readonly #byLength: readonly (readonly string[] | undefined)[];
  /** No wanted name is longer, and no longer key folds to a shorter one. */
  readonly longest: number;

  constructor(...names: string[]) {
    this.longest = Math.max(...names.map(name => name.length));
    this.#exact = new Set(names);
    this.#folded = new Set(names.map(foldName));
    this.#byLength = Array.from({ length: this.longest + 1 }, (_, length) => {
      const those = names.filter(name => name.length === length);
      return those.length > 0 ? those : undefined;
    });
  }

  has(name: string): boolean {
    return this.#exact.has(name);
  }

  /** The wanted name that stands at `start`, up to `end`; undefined when another does. Makes no string of it. */
  at(text: string, start: number, end: number): string | undefined {
    const candidates = this.#byLength[end - start];
    if (candidates === undefined) return undefined;
    for (const name of candidates) if (text.startsWith(name, start)) return name;
    return undefined;
  }

  /** Whether an unwanted key can be left alone by its length alone: ASCII keeps its length when it changes its case. */
  harmless(text: string, start: number, end: number): boolean {
    const length = end - start;
    if (length > this.longest * LONGEST_ESCAPE) return true;
    if (this.#byLength[length] !== undefined) return false;
    for (let at = start; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code > LAST_ASCII || code === BACKSLASH) return false;
    }
    return true;
  }

  /** True for a name that is not wanted, but that a lenient reader takes for a wanted one. */
  mistakable(name: string): boolean {
    return name.length <= this.longest && !this.#exact.has(name) && this.#folded.has(foldName(name));
  }
}

/** The wanted members of the object that starts at `at` (white space before it is skipped); none if it is no object. */
export function findMembers(text: string, at: number, names: Names): Members {
  let position = skipSpace(text, at);
  if (text.charCodeAt(position) !== OPEN_BRACE) return NOTHING;
  const spans: { [name: string]: Span } = {};
  let ambiguous = false;
  position = skipSpace(text, position + 1);
  while (text.charCodeAt(position) === QUOTE) {
    const keyEnd = skipString(text, position);
    const name = names.at(text, position + 1, keyEnd - 1);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, start);
    if (name !== undefined) {
      if (spans[name] !== undefined) ambiguous = true;
      spans[name] = { start, end };
    } else if (isMistakable(text, position + 1, keyEnd - 1, names)) ambiguous = true;
    position = skipSpace(text, end);
    if (text.charCodeAt(position) === COMMA) position = skipSpace(text, position + 1);
  }
  return { spans, ambiguous };
}

/** Whether a lenient reader could take the key from `start` up to `end` for a wanted one. */
function isMistakable(text: string, start: number, end: number, names: Names): boolean {
  if (names.harmless(text, start, end)) return false;
  const key = text.slice(start, end);
  if (!key.includes('\\')) return names.mistakable(key);
  const decoded = decodeKey(key);
  return names.has(decoded) || names.mistakable(decoded);
}

function decodeKey(key: string): string {
  try {
    return String(JSON.parse(`"${key}"`));
  } catch {
    // A key that the end of the text cuts within an escape: it has no value either.
    return key;
  }
}

function skipSpace(text: string, at: number): number {
  let position = at;
  // Everything up to the blank is white space here: valid JSON has no other control characters outside strings.
  while (position < text.length && text.charCodeAt(position) <= 0x20) position++;
  return position;
}

function skipValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return skipString(text, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipContainer(text, at);
  let position = at;
  while (position < text.length && !endsScalar(text.charCodeAt(position))) position++;
  return position;
}

function endsScalar(code: number): boolean {
  return code <= 0x20 || code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET;
}

function skipString(text: string, at: number): number {
  let position = at + 1;
  for (;;) {
    const quote = text.indexOf('"', position);
    if (quote === -1) return text.length;
    let before = quote - 1;
    while (before > at && text.charCodeAt(before) === BACKSLASH) before--;
    if ((quote - 1 - before) % 2 === 0) return quote + 1;
    position = quote + 1;
  }
}

function skipContainer(text: string, at: number): number {
  let depth = 0;
  let position = at;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) {
      position = skipString(text, position);
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    position++;
    if (depth === 0) return position;
  }
  return text.length;
}
