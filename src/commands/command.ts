/** What every command of the command line is: one file in this folder, listed in `commands.ts`. */

/** Where a command writes. Results go to `out`, everything else to `err`; both end their lines themselves. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Somebody watches `err`: what takes long shows how far it is. Default: no. */
  readonly interactive?: boolean;
  /** Size of the terminal that `out` is; null: it is none. Default: it is none. */
  size?(): { readonly columns: number; readonly rows: number } | null;
  /** Nobody reads `out` any more. Default: somebody does. */
  closed?(): boolean;
  /** Somebody may read `out` but does not: the process ends without what is left to be written there. Default: it waits. */
  abandon?(): void;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Commands of its own: its first argument. Default: none. */
  readonly subcommands?: readonly { readonly name: string; readonly summary: string }[];
  /** Text of `evergate <name> --help`, for the arguments after the command's name. */
  help(argv: readonly string[]): string;
  /**
   * Runs with the arguments after the command's name; resolves to the exit code.
   * @throws {UsageError | SettingsError} the arguments are wrong: exit code 2
   */
  run(argv: readonly string[], terminal: Terminal): Promise<number>;
}

/** Exit codes: done, failed while running, called wrongly. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** The command line was called wrongly; the message says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
