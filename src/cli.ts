#!/usr/bin/env node
/** The command line: `evergate [command] [arguments]`. */
import { COMMANDS } from './commands/commands.ts';
import { runCommandLine } from './commands/run.ts';

const terminal = {
  out: (text: string) => process.stdout.write(text),
  err: (text: string) => process.stderr.write(text),
};

process.exitCode = await runCommandLine(process.argv.slice(2), COMMANDS, terminal);
