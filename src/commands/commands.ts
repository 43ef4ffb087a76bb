/** Every command of the command line, in the order of its help. */
import type { Command } from './command.ts';
import { logCommand } from './log/log.ts';
import { serveCommand } from './serve.ts';

export const COMMANDS: readonly Command[] = [serveCommand(), logCommand()];
