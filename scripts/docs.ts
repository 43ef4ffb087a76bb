/** `npm run docs`: writes every generated document; with --check writes nothing and exits 1, naming each stale one. */
import { fileURLToPath } from 'node:url';
import { allFiles } from './docs/all-files.ts';
import { staleFiles, staleMessage, writeFiles } from './docs/files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = await allFiles();

if (process.argv.includes('--check')) {
  const stale = staleFiles(root, files);
  if (stale.length > 0) {
    process.stderr.write(staleMessage(stale));
    process.exitCode = 1;
  }
} else {
  writeFiles(root, files);
}
