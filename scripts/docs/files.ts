/** Generated files: written, or compared with what is there. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Contents by path, relative to the root of the project. */
export type Files = ReadonlyMap<string, string>;

export function writeFiles(root: string, files: Files): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** The paths whose file is missing or differs. */
export function staleFiles(root: string, files: Files): readonly string[] {
  return [...files]
    .filter(([path, content]) => {
      const file = join(root, path);
      return !existsSync(file) || readFileSync(file, 'utf8') !== content;
    })
    .map(([path]) => path);
}

/** One line for each, with the remedy. */
export function staleMessage(stale: readonly string[]): string {
  return stale.map(path => `${path} is stale: run npm run docs\n`).join('');
}
