/** The tests that docs/security.md names are there. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../..', import.meta.url);
const page = readFileSync(new URL('docs/security.md', ROOT), 'utf8');
const rows = page.split('\n').filter(line => line.startsWith('| ') && line.includes('`test/'));
const named = [...page.matchAll(/`(test\/[^`]+)` “([^”]+)”/g)].map(
  ([, file = '', title = '']) => [file, title] as const,
);

describe('docs/security.md', () => {
  it('names a test for each threat, by file and title', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(named).toHaveLength(rows.length);
  });

  it.each(named)('%s has a test “%s”', (file, title) => {
    const path = new URL(file, ROOT);
    expect(existsSync(path)).toBe(true);
    const source = readFileSync(path, 'utf8');
    const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``];
    expect(quoted.some(text => source.includes(text))).toBe(true);
  });
});
