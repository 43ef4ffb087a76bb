/** Every command of the command line, in the order of its help. */
import { eventsCommand } from './client/events.ts';
import { statusCommand } from './client/status.ts';
import type { Command } from './command.ts';
import { completionCommand } from './completion/completion.ts';
import { logCommand } from './log/log.ts';
import { checkCommand } from './remote/check.ts';
import { convertCommand } from './remote/convert.ts';
import { detectCommand } from './remote/detect.ts';
import { serveCommand } from './serve.ts';

export const COMMANDS: readonly Command[] = [
  serveCommand(),
  statusCommand(),
  eventsCommand(),
  logCommand(),
  checkCommand(),
  detectCommand(),
  convertCommand(),
  completionCommand(() => COMMANDS),
];
