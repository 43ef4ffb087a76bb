#!/usr/bin/env node
/** The command line: `evergate [command] [arguments]`. */
import type { Command } from './commands/command.ts';
import { runCommandLine } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';

let closed = false;
let abandoned = false;
// Whoever read what is written here has gone: nothing that could be said to them.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  closed = true;
});

const terminal = {
  out: (text: string) => process.stdout.write(text),
  err: (text: string) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  size: () => (process.stdout.isTTY ? { columns: process.stdout.columns, rows: process.stdout.rows } : null),
  closed: () => closed || process.stdout.destroyed,
  abandon: () => {
    abandoned = true;
  },
};

const argv = process.argv.slice(2);
process.exitCode = await runCommandLine(argv, await commandsFor(argv), terminal);
// What waits to be written would keep the process.
if (abandoned) process.exit();

/** A gateway does not wait for the other commands to be loaded; help, and whoever mistypes one, needs all of them. */
async function commandsFor([first = 'serve', ...rest]: readonly string[]): Promise<readonly Command[]> {
  const serves = first === 'serve' || (first.startsWith('-') && first !== '-h' && first !== '--help');
  if (serves && !rest.includes('--help') && !rest.includes('-h')) return [serveCommand()];
  const { COMMANDS } = await import('./commands/commands.ts');
  return COMMANDS;
}
