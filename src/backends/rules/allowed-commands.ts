/** The setting `allowedCommands`: which commands a config may start. */
import { normalize } from 'node:path';
import type { StdioConfig } from '../config/service-config.ts';

export interface CommandList {
  allows(config: Pick<StdioConfig, 'command' | 'args'>): boolean;
}

/** What `*` stands for within a name: nothing that could make a path or a URL of it. */
const ANY = '[\\w.@+-]*';
/** And where a name begins: something, and neither an option nor a place such as `..`. */
const NAME = '[\\w@+][\\w.@+-]*';

/**
 * Reads entries such as `uvx mcp-server-git` or `npx -y @modelcontextprotocol/*`: a command, and the words its arguments
 * have to begin with. A command with a path is matched as it is, one without by its name. `*` is any name or part of one,
 * never an option: `docker run --rm *` lets no `-v` stand before the image. What comes after the words of an entry is not
 * looked at, because with most runners it is for what they run; `docker run` alone therefore lets every option through.
 */
export function commandList(entries: readonly string[]): CommandList {
  const patterns = entries.map(entry => entry.trim().split(/\s+/).map(wordPattern));
  return {
    allows({ command, args }) {
      if (!isPlain(command)) return false;
      const words = [command, ...args];
      return patterns.some(pattern => pattern.every((word, index) => word.test(words[index] ?? '')));
    },
  };
}

function wordPattern(word: string): RegExp {
  const pattern = literal(word).replaceAll(/(\/?)\*/g, (_, slash: string, at: number) =>
    at === 0 || slash !== '' ? `${slash}${NAME}` : ANY,
  );
  return new RegExp(`^${pattern}$`);
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&');
}

/** A name, or a full path without detours: what a relative path means depends on the config's own `cwd`. */
function isPlain(command: string): boolean {
  return !command.includes('/') || (command.startsWith('/') && normalize(command) === command);
}

/** Variables by which a config could make an allowed command load or run something else. */
const LOADERS = new RegExp(
  `^(?:${[
    'PATH|HOME|SHELL|ENV|IFS',
    'BASH_.*|BASHOPTS|SHELLOPTS|PS4|PROMPT_COMMAND|ZDOTDIR|FPATH',
    'LD_.*|DYLD_.*|GCONV_PATH|GLIBC_TUNABLES|OPENSSL_.*',
    'NODE_OPTIONS|NODE_PATH|NODE_REPL_.*|NPM_.*|YARN_.*|PNPM_.*|BUN_.*|DENO_.*|COREPACK_.*',
    'PYTHON.*|PIP_.*|PIPX_.*|UV_.*|VIRTUAL_ENV|CONDA_.*',
    'PERL5.*|PERLLIB|RUBY.*|GEM_.*|BUNDLE_.*|PHPRC|PHP_INI_SCAN_DIR',
    'JAVA_.*|_JAVA_OPTIONS|JDK_.*|CLASSPATH|DOTNET_.*|COR_.*|CORECLR_.*',
    'GIT_.*|SSH_.*|DOCKER_.*|XDG_.*|EDITOR|VISUAL|PAGER',
  ].join('|')})$`,
  'i',
);

/** The first such variable of a config; undefined: there is none. */
export function loaderVariable(env: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(env).find(name => LOADERS.test(name));
}
