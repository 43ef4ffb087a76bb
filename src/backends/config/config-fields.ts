/** Typed reading of a config's fields. Every refusal names the field by its path and never shows its value. */
import { ConfigError } from './config-error.ts';

export type ConfigObject = Readonly<Record<string, unknown>>;

/** A value and where it stands; `undefined` and `null` both count as absent. */
export interface Field {
  readonly path: string;
  readonly value: unknown;
}

/** The longest time a timer can wait, in ms; the upper bound of every time in a config. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
/** Longest stretch of a sender's own key that is repeated in a message, in characters. */
const SHOWN_KEY_CHARS = 64;
/** What neither a process nor a header can carry, or what storing as UTF-8 would change. */
const UNUSABLE = /[\0\p{Cs}]/u;

export function isObject(value: unknown): value is ConfigObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The path of `key` inside the object at `path` ('' is the config itself). */
export function join(path: string, key: string): string {
  const shown = key.length > SHOWN_KEY_CHARS ? `${key.slice(0, SHOWN_KEY_CHARS)}…` : key;
  if (!/^[\p{L}\p{N}_$@/:-]+…?$/u.test(shown)) return `${path}[${JSON.stringify(shown)}]`;
  return path === '' ? shown : `${path}.${shown}`;
}

/** The form in which spellings of one key are equal: `baseUrl`, `baseurl`, `base_url`, `BASE_URL`. */
export function plainKey(key: string): string {
  return key.toLowerCase().replaceAll('_', '');
}

/** The first present field among `names`, in their order; the exact spelling goes before its variants. */
export function fieldOf(object: ConfigObject, path: string, ...names: readonly string[]): Field | undefined {
  for (const name of names) {
    const variants = Object.keys(object).filter(key => key !== name && plainKey(key) === plainKey(name));
    for (const key of [name, ...variants]) {
      if (!Object.hasOwn(object, key)) continue;
      const value = object[key];
      if (value !== undefined && value !== null) return { path: join(path, key), value };
    }
  }
  return undefined;
}

/** @throws {ConfigError} not a string, longer than `maxChars`, or with characters nothing can carry */
export function readText(field: Field, maxChars: number): string {
  const { path, value } = field;
  if (typeof value !== 'string') throw new ConfigError(path, 'must be a string');
  if (value.length > maxChars) throw new ConfigError(path, `must be at most ${maxChars} characters long`);
  if (UNUSABLE.test(value))
    throw new ConfigError(path, 'must not contain NUL or unpaired surrogate characters');
  return value;
}

/** @throws {ConfigError} not a list of strings, or more than `maxItems` */
export function readTexts(field: Field | undefined, maxItems: number, maxChars: number): string[] {
  if (field === undefined) return [];
  const { path, value } = field;
  if (!Array.isArray(value)) throw new ConfigError(path, 'must be a list of strings');
  if (value.length > maxItems) throw new ConfigError(path, `must have at most ${maxItems} items`);
  return value.map((item: unknown, index) => readText({ path: `${path}[${index}]`, value: item }, maxChars));
}

/**
 * Reads an object of strings. `nameProblem` says what is wrong with a name, or null.
 * @throws {ConfigError} not an object, more than `maxItems`, a wrong name, or a value that is no string
 */
export function readTextMap(
  field: Field | undefined,
  maxItems: number,
  maxChars: number,
  nameProblem: (name: string) => string | null,
): Record<string, string> {
  if (field === undefined) return {};
  const { path, value } = field;
  if (!isObject(value)) throw new ConfigError(path, 'must be an object of strings');
  const entries = Object.entries(value);
  if (entries.length > maxItems) throw new ConfigError(path, `must have at most ${maxItems} entries`);
  const read = entries.map(([name, item]): [string, string] => {
    const at = join(path, name);
    const problem = name === '__proto__' ? 'is not a usable name; leave it out' : nameProblem(name);
    if (problem !== null) throw new ConfigError(at, problem);
    return [name, readText({ path: at, value: item }, maxChars)];
  });
  return Object.fromEntries(read);
}

/** @throws {ConfigError} not a whole number from `min` to `max` */
export function readWhole(field: Field | undefined, min: number, max: number): number | null {
  if (field === undefined) return null;
  const { path, value } = field;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new ConfigError(path, `must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** @throws {ConfigError} none of `choices`; absent reads as the first of them */
export function readChoice<T extends string>(field: Field | undefined, choices: readonly [T, ...T[]]): T {
  if (field === undefined) return choices[0];
  const choice = choices.find(candidate => candidate === field.value);
  if (choice !== undefined) return choice;
  throw new ConfigError(field.path, `must be one of ${choices.map(each => `"${each}"`).join(', ')}`);
}

/** @throws {ConfigError} not true or false; absent reads as false */
export function readFlag(field: Field | undefined): boolean {
  if (field === undefined) return false;
  if (typeof field.value === 'boolean') return field.value;
  throw new ConfigError(field.path, 'must be true or false');
}
