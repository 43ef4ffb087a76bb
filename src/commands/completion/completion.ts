/** `evergate completion <shell>`: what a shell completes after `evergate`. */
import { type Command, EXIT, UsageError } from '../command.ts';
import { SCRIPTS, SHELLS, type Shell } from './shells.ts';
import { wordsOf } from './words.ts';

const HELP = `Usage: evergate completion <bash|zsh|fish>

Prints the completion script of a shell. For the present shell alone:

  bash:  source <(evergate completion bash)
  zsh:   source <(evergate completion zsh)
  fish:  evergate completion fish | source
`;

/** @param commands all of them, this one included */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: "Print a shell's completion script.",
    subcommands: SHELLS.map(name => ({ name, summary: `The script for ${name}.` })),
    help: () => HELP,
    run: async ([shell, excess], terminal) => {
      if (!isShell(shell)) throw new UsageError(`completion needs the shell: ${SHELLS.join(', ')}`);
      if (excess !== undefined)
        throw new UsageError(`the argument ${JSON.stringify(excess)} is one too many`);
      terminal.out(SCRIPTS[shell](wordsOf(commands())));
      return EXIT.done;
    },
  };
}

function isShell(shell: string | undefined): shell is Shell {
  return SHELLS.some(each => each === shell);
}
