/** Writes docs/settings.md from the table of settings; with --check only says, by exit code 1, that it is stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { settingsDocument } from '../src/settings/help.ts';

const page = new URL('../docs/settings.md', import.meta.url);
const current = settingsDocument();

if (!process.argv.includes('--check')) {
  writeFileSync(page, current);
} else if (!existsSync(page) || readFileSync(page, 'utf8') !== current) {
  process.stderr.write('docs/settings.md is stale; run: npx tsx scripts/settings-doc.ts\n');
  process.exitCode = 1;
}
