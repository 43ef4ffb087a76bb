/** The licences of the packages that are parts of the program: each wants its text to go with every copy. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param files of which the program was made, relative to `root` @throws {Error} a package says nothing of its licence */
export function notices(root: string, files: readonly string[]): string {
  const packages = new Set(files.flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const texts = new Set([...packages].map(path => notice(join(root, path))));
  return [...texts].sort().join('\n');
}

function notice(directory: string): string {
  const { name, version, license }: Readonly<Record<string, unknown>> = JSON.parse(
    readFileSync(join(directory, 'package.json'), 'utf8'),
  );
  const file = readdirSync(directory).find(entry => /^licen[cs]e/i.test(entry));
  if (file === undefined && typeof license !== 'string') throw new Error(`${directory} names no licence`);
  const text = file === undefined ? '' : `\n${readFileSync(join(directory, file), 'utf8').trim()}\n`;
  return `== ${name} ${version} (${license})\n${text}`;
}
