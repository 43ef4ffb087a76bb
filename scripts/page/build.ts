/** The browser's files: one script, one style sheet, the shell and the icon. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = new URL('../../', import.meta.url);
const ENTRIES = ['main.ts', 'main.css', 'index.html', 'icon.svg'];

/** Writes dist/page. @throws {Error} it does not compile */
export async function buildPage(): Promise<void> {
  await build({
    absWorkingDir: fileURLToPath(ROOT),
    entryPoints: ENTRIES.map(name => `src/page/${name}`),
    outdir: 'dist/page',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    charset: 'utf8',
    loader: { '.html': 'copy', '.svg': 'copy' },
    logLevel: 'warning',
  });
}
