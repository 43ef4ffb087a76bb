#!/usr/bin/env node
/** The command line: `evergate [command] [arguments]`. */
import { COMMANDS } from './commands/commands.ts';
import { runCommandLine } from './commands/run.ts';

let closed = false;
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
};

process.exitCode = await runCommandLine(process.argv.slice(2), COMMANDS, terminal);
