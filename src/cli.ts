#!/usr/bin/env node
/** The command line: `evergate [command] [arguments]`. */
import { type Command, EXIT } from './commands/command.ts';
import { complain } from './commands/failure.ts';
import { runCommandLine } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { unwritable, writeOutput } from './commands/standard-output.ts';

let closed = false;
let abandoned = false;
let failed = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  closed = true;
  // Whoever read what is written here has gone: nothing that could be said to them.
  if (error.code === 'EPIPE') return;
  failed = true;
  complain(terminal, unwritable(error).message);
});
// Nobody can be told any more: the exit code is all that is left.
process.stderr.on('error', () => {});

const terminal = {
  out: writeOutput,
  err: (text: string) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  size: () => (process.stdout.isTTY ? { columns: process.stdout.columns, rows: process.stdout.rows } : null),
  closed: () => closed || process.stdout.destroyed,
  abandon: () => {
    abandoned = true;
  },
};

const argv = process.argv.slice(2);
const code = await runCommandLine(argv, await commandsFor(argv), terminal);
process.exitCode = failed && code === EXIT.done ? EXIT.failed : code;
// What waits to be written would keep the process.
if (abandoned) process.exit();

/** A gateway does not wait for the other commands to be loaded; help, and whoever mistypes one, needs all of them. */
async function commandsFor([first = 'serve', ...rest]: readonly string[]): Promise<readonly Command[]> {
  const serves = first === 'serve' || (first.startsWith('-') && first !== '-h' && first !== '--help');
  if (serves && !rest.includes('--help') && !rest.includes('-h')) return [serveCommand()];
  const { COMMANDS } = await import('./commands/commands.ts');
  return COMMANDS;
}
