/** The settings of this process. The only file that reads the environment. */
import { readFileSync } from 'node:fs';
import { type Loaded, resolveSettings, settingsFilePath } from './settings/resolve.ts';
import { readSettingsFile } from './settings/settings-file.ts';
import { type Environment, readFlags, readVariables } from './settings/sources.ts';
import { readTracing, type TracingSettings } from './settings/tracing.ts';

export type { Loaded } from './settings/resolve.ts';
export type { Settings } from './settings/table.ts';

export interface LoadOptions {
  /** Flags only: no program, no command. */
  readonly argv?: readonly string[];
  readonly env?: Environment;
  readonly readFile?: (path: string) => string;
}

/** The environment this process was started with. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Whether and whereto calls are traced, by the standard variables. @throws {SettingsError} */
export function loadTracing(): TracingSettings | null {
  return readTracing(processEnvironment());
}

/**
 * Loads every setting: flag > environment > file > default (contract §6).
 * @throws {SettingsError} names the flag, variable or key that is wrong or unknown, and the remedy
 */
export function loadSettings(options: LoadOptions = {}): Loaded {
  const { argv = [], env = processEnvironment(), readFile = path => readFileSync(path, 'utf8') } = options;
  const flags = readFlags(argv);
  const variables = readVariables(env);
  const path = settingsFilePath({ flags, variables });
  const file = path === null ? null : { path, values: readSettingsFile(path, readFile) };
  return resolveSettings({ flags, variables, file });
}
