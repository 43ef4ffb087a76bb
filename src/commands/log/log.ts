/** `evergate log …`: the event log as a tool of whoever runs the gateway. */
import { nearest } from '../../settings/nearest.ts';
import { type Command, UsageError } from '../command.ts';
import { backupCommand } from './backup.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import type { LogCommand } from './log-command.ts';
import type { Loading } from './options.ts';
import { pruneCommand } from './prune.ts';
import { tailCommand } from './tail.ts';
import { verifyCommand } from './verify.ts';

const COMMANDS: readonly LogCommand[] = [
  tailCommand,
  verifyCommand,
  exportCommand,
  importCommand,
  pruneCommand,
  backupCommand,
];
const NAMES = COMMANDS.map(({ name }) => name);

export function logCommand(load: Loading = {}): Command {
  return {
    name: 'log',
    summary: 'Look at, verify, copy or prune the event log.',
    subcommands: COMMANDS,
    help: argv => COMMANDS.find(({ name }) => name === argv[0])?.help ?? overview(),
    run: async ([name, ...argv], terminal) => {
      if (name === undefined) throw new UsageError(`log needs a command: ${NAMES.join(', ')}`);
      const command = COMMANDS.find(each => each.name === name);
      if (command !== undefined) return command.run(argv, terminal, load);
      throw new UsageError(
        `unknown command "log ${name}"; the nearest known one is "log ${nearest(name, NAMES)}"`,
      );
    },
  };
}

function overview(): string {
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(7)}  ${summary}`).join('\n');
  return `Usage: evergate log <command> [flags]\n\nCommands:\n${list}\n\nevergate log <command> --help shows its flags.\n`;
}
