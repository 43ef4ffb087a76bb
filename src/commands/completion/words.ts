/** What can be typed after `evergate`: read off the commands and their own help, so that it is never out of date. */
import type { Command } from '../command.ts';

export interface Words {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly string[];
  /** The next word, where a command has commands of its own. */
  readonly next: readonly Words[];
}

export function wordsOf(commands: readonly Command[]): readonly Words[] {
  return commands.map(command => ({
    name: command.name,
    summary: command.summary,
    flags: flagsIn(command.help([])),
    next: (command.subcommands ?? []).map(({ name, summary }) => ({
      name,
      summary,
      flags: flagsIn(command.help([name])),
      next: [],
    })),
  }));
}

/** Flags as a help text lists them, one at the beginning of a line, and `--help` itself. */
function flagsIn(help: string): readonly string[] {
  const listed = help.matchAll(/^\s*(--[a-z][a-z0-9-]*)/gm);
  return [...new Set([...[...listed].map(([, flag = '']) => flag), '--help'])];
}
