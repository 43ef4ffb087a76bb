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
  writeFileSync(join(directory, 'licenses.txt'), notices(ROOT, Object.keys(metafile.inputs)));
}
