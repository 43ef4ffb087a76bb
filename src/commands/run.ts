/** Finds the command, runs it, and turns what it throws into a message and an exit code. */

import { messageOf } from '../message-of.ts';
import { nearest } from '../settings/nearest.ts';
import { SettingsError } from '../settings/settings-error.ts';
import { VERSION } from '../settings/version.ts';
import { type Command, EXIT, type Terminal, UsageError } from './command.ts';

/** The command that runs when none is named. */
const DEFAULT_COMMAND = 'serve';
const VERSION_FLAGS: readonly string[] = ['--version', '-V', '-v'];

/**
 * Runs one command line (without program and script). Never rejects.
 * @returns the exit code: 0 done, 1 failed, 2 called wrongly
 */
export async function runCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await dispatch(asFlags(argv), commands, terminal);
  } catch (error) {
    const usage = error instanceof UsageError || error instanceof SettingsError;
    const message = messageOf(error);
    terminal.err(`evergate: ${message}\n${usage ? 'evergate --help lists commands and settings.\n' : ''}`);
    return usage ? EXIT.usage : EXIT.failed;
  }
}

/** `help [command]` is what `[command] --help` is. */
function asFlags(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
}

async function dispatch(
  argv: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<number> {
  const [first] = argv;
  const named = first !== undefined && !first.startsWith('-');
  const name = named ? first : DEFAULT_COMMAND;
  const rest = named ? argv.slice(1) : argv;
  const command = commands.find(each => each.name === name);
  if (command === undefined) throw unknownCommand(name, commands);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(named ? command.help(rest) : overview(commands, command));
    return EXIT.done;
  }
  if (!named && VERSION_FLAGS.includes(first ?? '')) {
    terminal.out(`${VERSION}\n`);
    return EXIT.done;
  }
  return command.run(rest, terminal);
}

function unknownCommand(name: string, commands: readonly Command[]): UsageError {
  const meant = nearest(
    name,
    commands.map(each => each.name),
  );
  return new UsageError(`unknown command "${name}"; the nearest known one is "${meant}"`);
}

function overview(commands: readonly Command[], main: Command): string {
  const width = Math.max(...commands.map(each => each.name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
  const flags = '  --help     Show this, or with a command its own help.\n  --version  Show the version.';
  return `Evergate keeps MCP servers alive behind HTTP.\n\nCommands:\n${list}\n\n${flags}\n\n${main.help([])}`;
}
