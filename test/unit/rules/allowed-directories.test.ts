/** The setting `allowedDirectories`. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directoryList } from '../../../src/backends/rules/allowed-directories.ts';

describe('a working directory', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'evergate-')));
  const [work, other] = [join(home, 'work'), join(home, 'work-other')];
  const allows = (...path: string[]) => directoryList([work]).allows(join(...path));

  beforeAll(() => {
    mkdirSync(join(work, 'deep'), { recursive: true });
    mkdirSync(other);
    symlinkSync(other, join(work, 'out'));
    symlinkSync('deep', join(work, 'in'));
    symlinkSync(work, join(home, 'alias'));
  });
  afterAll(() => rmSync(home, { recursive: true }));

  it('may be one that is listed, or in it, by whatever name', () => {
    expect([allows(work), allows(work, 'deep'), allows(work, 'in'), allows(home, 'alias', 'deep')]).toEqual(
      Array(4).fill(true),
    );
    expect(directoryList([join(home, 'alias')]).allows(join(work, 'deep'))).toBe(true);
    expect(directoryList(['/']).allows(work)).toBe(true);
  });

  it('may not be beside it, above it, or where a link or a detour leads out of it', () => {
    const elsewhere = [[other], [home], ['/'], [work, 'out'], [work, 'deep', '..', '..']] as const;
    expect(elsewhere.map(path => allows(...path))).toEqual(elsewhere.map(() => false));
    // As the system goes, which follows a link before it goes up.
    for (const detour of ['deep/../../work-other', 'deep/../..', 'out/..', 'out/../work-other'])
      expect([detour, directoryList([work]).allows(`${work}/${detour}`)]).toEqual([detour, false]);
    expect(directoryList([work]).allows(`${work}/in/..`)).toBe(true);
    expect(directoryList([work]).allows('.')).toBe(false);
    expect(directoryList([]).allows(work)).toBe(false);
  });

  it('given one that is not there, then it goes by its name: the start will fail', () => {
    expect([allows(work, 'nowhere'), allows(work, 'nowhere', '..', '..', 'x')]).toEqual([true, false]);
  });
});
