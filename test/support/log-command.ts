/** `evergate log …` as the command line runs it, in this process. */
import { logCommand } from '../../src/commands/log/log.ts';
import { runCommandLine } from '../../src/commands/run.ts';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `evergate log <argv>`; nothing of this process's environment counts. */
export async function runLog(...argv: readonly string[]): Promise<Said> {
  const said = { out: '', err: '' };
  const terminal = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
  };
  const code = await runCommandLine(['log', ...argv], [logCommand({ env: {} })], terminal);
  return { code, ...said };
}
