/**
 * The program as it is published: few files instead of some thousand small ones, because reading those one by one is most of a
 * start. What every start needs is in them. Everything else, and what is native, is loaded from the installed dependencies
 * when it is first needed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { notices } from './notices.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const AT_EVERY_START = ['close-with-grace', 'eventemitter3', 'fastify', 'pino', 'xstate'];

/** CommonJS that became a part of an ES module still asks for Node's own modules by `require`. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

/** Writes `cli.js`, what it loads, and the licences of what is in them. @throws {Error} it does not compile */
export async function buildProgram(directory: string): Promise<void> {
  const { dependencies }: { dependencies: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli.ts'],
    outdir: directory,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: Object.keys(dependencies).filter(name => !AT_EVERY_START.includes(name)),
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: 'warning',
  });
  for (const file of Object.keys(metafile.outputs)) keepAscii(join(ROOT, file));
  writeFileSync(join(directory, 'licenses.txt'), notices(ROOT, Object.keys(metafile.inputs)));
}

/**
 * V8 holds the text of a file for as long as its functions may be needed, with two bytes for each character as soon as one of
 * them is not of Latin-1. esbuild escapes those in strings; comments in classes and regular expressions are left.
 */
function keepAscii(file: string): void {
  const text = readFileSync(file, 'utf8');
  const escaped = text.replace(
    /[\u0080-\uffff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  if (escaped !== text) writeFileSync(file, escaped);
}
