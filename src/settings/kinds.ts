/** The kinds of values a setting can have: how each is read from text (flags, environment) and from a file. */
import { WrongValue } from './settings-error.ts';

export interface Kind<T> {
  /** The values it takes, for people: `a whole number from 0 to 65535`. */
  readonly expects: string;
  /** Stands for the value in the help of a flag; null: the flag takes none. */
  readonly placeholder: string | null;
  /** True when a repeated flag adds to the value instead of replacing it. */
  readonly accumulates: boolean;
  /** Reads the value of a flag or variable; a repeated flag brings several texts. @throws {WrongValue} */
  fromTexts(texts: readonly string[]): T;
  /** Reads the value of a file's key. @throws {WrongValue} */
  fromFile(value: unknown): T;
}

/** One row of the settings table. */
export interface Setting<T> {
  readonly kind: Kind<T>;
  readonly fallback: T;
  /** The default as the documentation shows it. */
  readonly shownDefault: string;
  readonly description: string;
  readonly sources: { readonly flag: boolean; readonly env: boolean; readonly file: boolean };
}

const EVERYWHERE = { flag: true, env: true, file: true };

export function setting<T>(
  kind: Kind<T>,
  fallback: T,
  description: string,
  more: { readonly shownDefault?: string; readonly sources?: Partial<Setting<T>['sources']> } = {},
): Setting<T> {
  const shownDefault = more.shownDefault ?? String(fallback);
  return { kind, fallback, shownDefault, description, sources: { ...EVERYWHERE, ...more.sources } };
}

/** A kind whose value is one text in flags and environment. */
function single<T>(
  expects: string,
  placeholder: string | null,
  fromText: (text: string) => T | undefined,
  fromFile: (value: unknown) => T | undefined,
): Kind<T> {
  const checked = (value: T | undefined): T => {
    if (value === undefined) throw new WrongValue(`must be ${expects}`);
    return value;
  };
  return {
    expects,
    placeholder,
    accumulates: false,
    fromTexts: texts => checked(fromText(texts.at(-1) ?? '')),
    fromFile: value => checked(fromFile(value)),
  };
}

export function wholeNumber(min: number, max: number): Kind<number> {
  const within = (value: number) =>
    Number.isInteger(value) && value >= min && value <= max ? value : undefined;
  return single(
    `a whole number from ${min} to ${max}`,
    'number',
    text => (/^-?\d{1,15}$/.test(text.trim()) ? within(Number(text)) : undefined),
    value => (typeof value === 'number' ? within(value) : undefined),
  );
}

const withinOne = (value: number) => (value >= 0 && value <= 1 ? value : undefined);

export const fraction: Kind<number> = single(
  'a number from 0 to 1',
  'number',
  text => (/^\d*\.?\d+$/.test(text.trim()) ? withinOne(Number(text)) : undefined),
  value => (typeof value === 'number' ? withinOne(value) : undefined),
);

export const text: Kind<string> = single(
  'a text that is not empty',
  'text',
  value => (value.trim() === '' ? undefined : value),
  value => (typeof value === 'string' && value.trim() !== '' ? value : undefined),
);

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

export const boolean: Kind<boolean> = single(
  'true or false',
  null,
  value => BOOLEANS.get(value.trim().toLowerCase()),
  value => (typeof value === 'boolean' ? value : undefined),
);

export function choice<T extends string>(...choices: readonly T[]): Kind<T> {
  const find = (value: unknown) => choices.find(each => each === value);
  return single(`one of ${choices.join(', ')}`, choices.join('|'), value => find(value.trim()), find);
}

/** Strings, separated by commas in flags and environment, a list in a file. */
export const texts: Kind<readonly string[]> = {
  expects: 'a list of texts, separated by commas (in a file: a list)',
  placeholder: 'a,b,…',
  accumulates: true,
  fromTexts: values => values.flatMap(splitAtCommas),
  fromFile: value => {
    if (typeof value === 'string') return splitAtCommas(value);
    const isText = (item: unknown): item is string => typeof item === 'string';
    if (Array.isArray(value) && value.every(isText)) return value.filter(item => item.trim() !== '');
    throw new WrongValue('must be a list of texts');
  },
};

/** Texts that are checked together. @param read gives the list as it is kept @throws {WrongValue} from `read` */
export function listOf(
  expects: string,
  read: (entries: readonly string[]) => readonly string[],
): Kind<readonly string[]> {
  return {
    ...texts,
    expects,
    fromTexts: values => read(texts.fromTexts(values)),
    fromFile: value => read(texts.fromFile(value)),
  };
}

/** For `listOf`: reads each entry by itself. @param read throws a WrongValue that begins with "must be" */
export function each(read: (entry: string) => string): (entries: readonly string[]) => readonly string[] {
  const readAt = (entry: string, index: number) => {
    try {
      return read(entry);
    } catch (error) {
      if (!(error instanceof WrongValue)) throw error;
      throw new WrongValue(`entry ${index + 1} ${error.message}`);
    }
  };
  return entries => entries.map(readAt);
}

function splitAtCommas(value: string): string[] {
  return value
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '');
}
