import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allFiles } from '../../../scripts/docs/all-files.ts';
import { staleFiles, staleMessage, writeFiles } from '../../../scripts/docs/files.ts';
import { storyTable } from '../../../scripts/docs/story.ts';
import { POLICY } from '../../../scripts/docs/story-events.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evergate-docs-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('generated documents', () => {
  it('given the same code, then the text is the same', async () => {
    expect(await allFiles()).toEqual(await allFiles());
  });

  it('when written, then none is stale', async () => {
    const files = await allFiles();
    writeFiles(root, files);
    expect(staleFiles(root, files)).toEqual([]);
  });

  it('when one was edited and one is missing, then exactly these are named, with the remedy', () => {
    const files = new Map([
      ['docs/a.md', 'a'],
      ['docs/b.md', 'b'],
      ['docs/c.md', 'c'],
    ]);
    writeFiles(root, files);
    writeFileSync(join(root, 'docs/a.md'), 'edited');
    rmSync(join(root, 'docs/c.md'));
    const stale = staleFiles(root, files);
    expect(stale).toEqual(['docs/a.md', 'docs/c.md']);
    expect(staleMessage(stale)).toBe(
      'docs/a.md is stale: run npm run docs\ndocs/c.md is stale: run npm run docs\n',
    );
  });

  it('the pictures are of a size that can be read, and name no font that is not there', async () => {
    for (const [path, content] of await allFiles()) {
      if (!path.endsWith('.svg')) continue;
      const [, width = 'none'] = /width="(\d+)"/.exec(content) ?? [];
      expect(Number(width)).toBeLessThan(1600);
      expect(content).toContain('prefers-color-scheme: dark');
      expect(content).not.toContain('font-family="');
    }
  });
});

describe('a story', () => {
  const input = { type: 'Persistent', config: 'c1', policy: POLICY } as const;
  const asked = { type: 'start requested', by: 'api' } as const;

  it('given events, then the table has the state and the facts that each changed', () => {
    const table = storyTable(input, [
      { after: 1, events: [asked], to: 'Pending.Queued' },
      { after: 2, events: [generation => ({ type: 'start permitted', generation })], to: 'Pending.Starting' },
    ]);
    expect(table).toContain('| 0:00:01 | start requested | `Pending.Queued` | – |');
    expect(table).toContain('| 0:00:03 | start permitted | `Pending.Starting` | generation: 1 |');
  });

  it('when it says what the machine does not do, then it is refused', () => {
    const untrue = [{ after: 1, events: [asked], to: 'Ready.Healthy' }];
    expect(() => storyTable(input, untrue)).toThrow(
      'A story says start requested leads to Ready.Healthy; the machine goes to Pending.Queued',
    );
  });

  it('when it waits for a timer that is not set, then it is refused', () => {
    const untimed = [{ after: 'after cooldown', to: 'Pending.Queued' }] as const;
    expect(() => storyTable(input, untimed)).toThrow('Pending.Asleep sets no such timer');
  });
});
