import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/commands/commands.ts';
import { SCRIPTS } from '../../../src/commands/completion/shells.ts';
import { wordsOf } from '../../../src/commands/completion/words.ts';
import { runCommandLine } from '../../../src/commands/run.ts';

const words = wordsOf(COMMANDS);

/** What bash offers after these words, of which the last is being typed. */
function complete(...typed: string[]): string[] {
  const script = `${SCRIPTS.bash(words)}
COMP_WORDS=(evergate "$@"); COMP_CWORD=$#; _evergate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script, 'bash', ...typed], {
    encoding: 'utf8',
  });
  expect([stderr, status]).toEqual(['', 0]);
  return stdout.split('\n').filter(Boolean);
}

describe('evergate completion', () => {
  it('given nothing typed, then every command is offered', () => {
    expect(complete('')).toEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
  });

  it.each([
    [['ch'], ['check']],
    [
      ['serve', '--restart-cooldown-m'],
      ['--restart-cooldown-ms', '--restart-cooldown-max-ms'],
    ],
    [['--restart-cooldown-m'], ['--restart-cooldown-ms', '--restart-cooldown-max-ms']],
    [['log', 've'], ['verify']],
    [['log', 'tail', '--fol'], ['--follow']],
    [['check', '--js'], ['--json']],
    [['completion', 'f'], ['fish']],
  ])('given %j, then bash offers %j', (typed, offered) => {
    expect(complete(...typed)).toEqual(offered);
  });

  it('given any shell, then its script names every command and every flag of every command', () => {
    for (const script of Object.values(SCRIPTS).map(make => make(words))) {
      for (const { name, flags, next } of [...words, ...words.flatMap(each => each.next)]) {
        expect(script).toContain(name);
        for (const flag of flags) expect(script).toContain(flag.slice(2));
        expect(next.length === 0 || flags.length > 0).toBe(true);
      }
    }
  });

  it('given no shell or an unknown one, then it is told which there are, with exit code 2', async () => {
    for (const argv of [['completion'], ['completion', 'csh']]) {
      let err = '';
      const terminal = {
        out: () => {},
        err: (text: string) => {
          err += text;
        },
      };
      expect(await runCommandLine(argv, COMMANDS, terminal)).toBe(2);
      expect(err).toContain('bash, zsh, fish');
    }
  });
});
