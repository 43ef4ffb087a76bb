/** Flags and arguments of a command, as `parseArgs` reads them, with its complaints in our words. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { messageOf } from '../message-of.ts';
import { UsageError } from './command.ts';

export type Flags = NonNullable<ParseArgsConfig['options']>;

export interface Given<T extends Flags> {
  readonly values: ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>['values'];
  /** Arguments that are no flags. */
  readonly positionals: readonly string[];
}

/**
 * @param most how many arguments that are no flags the command takes
 * @throws {UsageError} an unknown flag, a missing value, an argument too many
 */
export function readFlags<const T extends Flags>(
  argv: readonly string[],
  options: T,
  most: number,
): Given<T> {
  const given = parse(argv, options);
  const excess = given.positionals[most];
  if (excess !== undefined) throw new UsageError(`the argument ${JSON.stringify(excess)} is one too many`);
  return given;
}

function parse<const T extends Flags>(argv: readonly string[], options: T): Given<T> {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true }) as Given<T>;
  } catch (error) {
    // What it says of "--" is no help here: no command takes arguments that look like flags.
    throw new UsageError(messageOf(error).replace(/\.?\s+To specify a positional.*$/s, ''));
  }
}

/** A whole number given to a flag, or its default. @throws {UsageError} names the flag */
export function wholeNumber(flag: string, text: string | undefined, min: number, fallback: number): number {
  if (text === undefined) return fallback;
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < min) {
    throw new UsageError(`${flag} must be a whole number from ${min} on`);
  }
  return number;
}
