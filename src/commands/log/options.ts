/** Arguments of the `log` commands, and the data directory they mean. */
import { type LoadOptions, loadSettings, type Settings } from '../../config.ts';
import { type Flags, type Given, readFlags } from '../flags.ts';

export type Loading = Omit<LoadOptions, 'argv'>;

const SHARED = { 'data-dir': { type: 'string' }, config: { type: 'string' } } as const satisfies Flags;

/** The part of every help that tells which log is meant. */
export const SHARED_HELP = `  --data-dir <text>   Data directory of the gateway. Default: as \`evergate serve\` finds it: EVERGATE_DATA_DIR, the
                      settings file, or ./data.
  --config <text>     Settings file of the gateway.`;

export interface Arguments<T extends Flags> extends Given<T> {
  readonly settings: Settings;
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
  const parsed = readFlags(argv, { ...options, ...SHARED }, positionals);
  const own = ['data-dir', 'config'].flatMap(name => {
    const value: unknown = Reflect.get(parsed.values, name);
    return typeof value === 'string' ? [`--${name}`, value] : [];
  });
  const { settings } = loadSettings({ ...load, argv: own });
  return { settings, values: parsed.values as Arguments<T>['values'], positionals: parsed.positionals };
}
