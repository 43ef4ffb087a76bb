/** The completion scripts. All words are of `[a-z0-9-]`, so nothing in them needs quoting; summaries are quoted. */
import type { Words } from './words.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The script for a shell, to be sourced or saved where the shell looks for completions. */
export const SCRIPTS: Readonly<Record<Shell, (words: readonly Words[]) => string>> = { bash, zsh, fish };

const namesOf = (words: readonly Words[]) => words.map(({ name }) => name).join(' ');

/** A case of a shell's `case`: what follows a command, or a command and its own command. */
const cases = (words: readonly Words[]) =>
  words.flatMap(({ name, flags, next }) => [
    ...next.map(each => `    '${name} ${each.name}') offered='${each.flags.join(' ')}' ;;`),
    `    '${name} '*) offered='${[namesOf(next), ...flags].filter(Boolean).join(' ')}' ;;`,
  ]);

/** Without a command the flags are those of `serve`, which then runs. */
const first = (words: readonly Words[]) =>
  [namesOf(words), ...(words.find(({ name }) => name === 'serve')?.flags ?? []), '--version'].join(' ');

function bash(words: readonly Words[]): string {
  return `_evergate() {
  local offered current=\${COMP_WORDS[COMP_CWORD]}
  local second=
  [ "$COMP_CWORD" -gt 2 ] && second=\${COMP_WORDS[2]}
  local typed="\${COMP_WORDS[1]} $second"
  [ "$COMP_CWORD" -eq 1 ] && typed=
  case "$typed" in
    '') offered='${first(words)}' ;;
${cases(words).join('\n')}
    *) offered='' ;;
  esac
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _evergate evergate
`;
}

function zsh(words: readonly Words[]): string {
  return `#compdef evergate
_evergate() {
  local typed second=
  (( CURRENT > 3 )) && second=$words[3]
  typed="$words[2] $second"
  (( CURRENT == 2 )) && typed=
  local offered
  case "$typed" in
    '') offered='${first(words)}' ;;
${cases(words).join('\n')}
    *) offered='' ;;
  esac
  compadd -- \${=offered} || _files
}
compdef _evergate evergate
`;
}

function fish(words: readonly Words[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const line = (condition: string, rest: string) => `complete -c evergate -n '${condition}' ${rest}`;
  const flagLines = (condition: string, flags: readonly string[]) =>
    flags.map(flag => line(condition, `-l ${flag.slice(2)}`));
  const lines = words.flatMap(({ name, summary, flags, next }) => {
    const seen = `__fish_seen_subcommand_from ${name}`;
    const before = next.length === 0 ? seen : `${seen}; and not __fish_seen_subcommand_from ${namesOf(next)}`;
    return [
      line('__fish_use_subcommand', `-f -a ${name} -d ${quoted(summary)}`),
      ...flagLines(before, flags),
      ...next.flatMap(each => [
        line(before, `-f -a ${each.name} -d ${quoted(each.summary)}`),
        ...flagLines(`${seen}; and __fish_seen_subcommand_from ${each.name}`, each.flags),
      ]),
    ];
  });
  return `${lines.join('\n')}\n`;
}
