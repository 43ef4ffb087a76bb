/** Arguments of the `log` commands, and the data directory they mean. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type LoadOptions, loadSettings, type Settings } from '../../config.ts';
import { UsageError } from '../command.ts';

export type Loading = Omit<LoadOptions, 'argv'>;
type Flags = NonNullable<ParseArgsConfig['options']>;

const SHARED = { 'data-dir': { type: 'string' }, config: { type: 'string' } } as const satisfies Flags;

/** The part of every help that tells which log is meant. */
export const SHARED_HELP = `  --data-dir <text>   Data directory of the gateway. Default: as \`evergate serve\` finds it: EVERGATE_DATA_DIR, the
                      settings file, or ./data.
  --config <text>     Settings file of the gateway.`;

export interface Arguments<T extends Flags> {
  readonly settings: Settings;
  readonly values: ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>['values'];
  readonly positionals: readonly string[];
}

/**
 * Reads a command's own flags, and the settings that are in force.
 * @param positionals how many arguments that are no flags it takes at most
 * @throws {UsageError | SettingsError} an unknown flag, a missing value, too many arguments
 */
export function readArguments<const T extends Flags>(
  argv: readonly string[],
  options: T,
  positionals: number,
  load: Loading,
): Arguments<T> {
  const parsed = parse(argv, { ...options, ...SHARED });
  const excess = parsed.positionals[positionals];
  if (excess !== undefined) throw new UsageError(`the argument ${JSON.stringify(excess)} is one too many`);
  const own = ['data-dir', 'config'].flatMap(name => {
    const value: unknown = Reflect.get(parsed.values, name);
    return typeof value === 'string' ? [`--${name}`, value] : [];
  });
  const { settings } = loadSettings({ ...load, argv: own });
  return { settings, values: parsed.values as Arguments<T>['values'], positionals: parsed.positionals };
}

function parse(argv: readonly string[], options: Flags) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.replace(/\.?\s+To specify a positional.*$/s, ''));
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
