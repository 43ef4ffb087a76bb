/** What an `npx` command line asks for. Only forms that leave no doubt are read; the rest is npx's. */
import { Doubt, shown } from './doubt.ts';

/** A package as it was asked for. */
export interface PackageSpec {
  /** As it was written: npx names its directory by it. */
  readonly raw: string;
  readonly name: string;
  /** The only version that will do; null: what was newest, or had the tag, when it was last looked up. */
  readonly version: string | null;
}

export interface NpxCall {
  readonly packages: readonly PackageSpec[];
  /** The command within the packages; null: the package's own. */
  readonly command: string | null;
  readonly args: readonly string[];
}

const NAME = /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/;
const ARCHIVE = /\.(?:tgz|tar\.gz|tar)$/;
const VERSION = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z][0-9A-Za-z.-]*)?$/;
/** Tags in letters: other words may be ranges of versions. */
const TAG = /^(?!x$|v$)[a-z]+$/;
/** A command's name that is no path, and nothing to a shell. */
export const COMMAND = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** @throws {Doubt} */
export function readNpxArguments(words: readonly string[]): NpxCall {
  const { packages, rest } = readFlags(words);
  const [word, ...args] = rest;
  if (word === undefined) throw new Doubt('it names no command');
  if (packages.length === 0) return { packages: [readSpec(word)], command: null, args };
  if (!COMMAND.test(word)) throw new Doubt('its command is not a plain name');
  return { packages: packages.map(readSpec), command: word, args };
}

/** The packages that flags name, and the words from the command on. */
function readFlags(words: readonly string[]): { packages: string[]; rest: readonly string[] } {
  const packages: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return { packages, rest: words.slice(at + 1) };
    if (!word.startsWith('-')) return { packages, rest: words.slice(at) };
    const [flag, ...value] = word.split('=');
    if (flag === '-p' || flag === '--package')
      packages.push(value.length > 0 ? value.join('=') : (words[++at] ?? ''));
    else if (word !== '-y' && word !== '--yes') throw new Doubt(`it has the flag ${shown(flag)}`);
  }
  return { packages, rest: [] };
}

function readSpec(raw: string): PackageSpec {
  const at = raw.indexOf('@', 1);
  const name = at === -1 ? raw : raw.slice(0, at);
  if (!NAME.test(name) || ARCHIVE.test(name)) throw new Doubt('it does not name a package of a registry');
  if (at === -1) return { raw, name, version: null };
  const wanted = raw.slice(at + 1);
  if (VERSION.test(wanted)) return { raw, name, version: wanted };
  if (TAG.test(wanted)) return { raw, name, version: null };
  throw new Doubt('it asks for a range of versions');
}
