import type { Terminal } from '../command.ts';
import type { Loading } from './options.ts';

/** One of the commands behind `evergate log`. */
export interface LogCommand {
  readonly name: string;
  /** One line for the list of them. */
  readonly summary: string;
  /** Text of `evergate log <name> --help`. */
  readonly help: string;
  /** As a command's `run`. @throws {UsageError | SettingsError | StorageError} */
  run(argv: readonly string[], terminal: Terminal, load: Loading): Promise<number>;
}
