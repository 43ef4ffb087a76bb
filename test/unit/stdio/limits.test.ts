/** Limits of a backend: which hold, and the command line that sets them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCgroup, sweepCgroups } from '../../../src/backends/stdio/cgroup.ts';
import { limitedLine, limitProblem, limitsFor, UNLIMITED } from '../../../src/backends/stdio/limits.ts';

const none = { memoryBytes: null, cpuPercent: null, cpuSeconds: null, openFiles: null };

describe('of the limits of config and operator', () => {
  it('the smaller one holds', () => {
    const own = { memoryBytes: 100, cpuPercent: 50, cpuSeconds: null, openFiles: 64 };
    const settings = { ...UNLIMITED, limitMemoryBytes: 50, limitCpuPercent: 100, limitCpuSeconds: 9 };
    expect(limitsFor(own, settings)).toEqual({
      memoryBytes: 50,
      cpuPercent: 50,
      cpuSeconds: 9,
      openFiles: 64,
    });
    expect(limitsFor(undefined, UNLIMITED)).toEqual(none);
  });

  it.each([
    [{ ...none, cpuPercent: 50 }, null, 'linux', 'limits.cpuPercent'],
    [{ ...none, cpuPercent: 50 }, '/cg', 'linux', undefined],
    [{ ...none, openFiles: 64 }, null, 'darwin', undefined],
    [{ ...none, openFiles: 64 }, null, 'win32', 'limits.openFiles'],
    [undefined, null, 'win32', undefined],
  ] as const)('%j with cgroupRoot %s on %s: at fault is %s', (limits, cgroupRoot, platform, field) => {
    expect(limitProblem(limits, { cgroupRoot }, platform)?.field).toBe(field);
  });
});

describe('the command line', () => {
  const run = ([program = '', ...args]: readonly string[]) =>
    execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  it('is the command itself where nothing is limited', () => {
    expect(limitedLine(['a', 'b c'], none, null)).toEqual(['a', 'b c']);
  });

  it('sets the limits, and passes the command on word by word', () => {
    const limits = { ...none, memoryBytes: 1024 ** 3, cpuSeconds: 77, openFiles: 99 };
    const words = ['$(id)', '; id', '"quoted"', "it's", '', 'a\nb'];
    const script = 'cat /proc/self/limits; for word in "$@"; do printf "<%s>" "$word"; done';
    const out = run(limitedLine(['/bin/sh', '-c', script, 'sh', ...words], limits, null));
    expect(out).toMatch(/Max cpu time +77 +77 /);
    expect(out).toMatch(/Max open files +99 +99 /);
    expect(out).toMatch(/Max data size +1073741824 +1073741824 /);
    expect(out.endsWith(words.map(word => `<${word}>`).join(''))).toBe(true);
  });

  it('says which limit cannot be set here, and does not run the command', () => {
    const line = limitedLine(['echo', 'ran'], { ...none, openFiles: 2 ** 31 - 1 }, null);
    expect(() => run(line)).toThrow(/evergate: limits.openFiles cannot be set to 2147483647 here/);
  });

  it('enters the cgroup first', () => {
    const directory = mkdtempSync(join(tmpdir(), "evergate-test-it's "));
    expect(run(limitedLine(['echo', 'ran'], { ...none, memoryBytes: 1 }, directory))).toBe('ran\n');
    expect(readFileSync(join(directory, 'cgroup.procs'), 'utf8')).toBe('0\n');
    rmSync(directory, { recursive: true });
  });

  it('does not run the command if the cgroup cannot be entered', () => {
    const line = limitedLine(['echo', 'ran'], none, '/nowhere');
    expect(() => run(line)).toThrow(/evergate: the cgroup cannot be entered/);
  });
});

describe('a cgroup', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'evergate-test-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const limits = { ...none, memoryBytes: 2 ** 30, cpuPercent: 150 };

  it('gets the limits in the files of the kernel', () => {
    const files = ['memory.max', 'cpu.max'].map(name => join(root, 'evergate-t', name));
    mkdirSync(join(root, 'evergate-t'));
    for (const file of files) writeFileSync(file, '');
    expect(makeCgroup(root, 't', limits).path).toBe(join(root, 'evergate-t'));
    expect(files.map(file => readFileSync(file, 'utf8'))).toEqual(['1073741824', '150000 100000']);
  });

  it('without its controllers is an error with the remedy, and leaves nothing behind', () => {
    expect(() => makeCgroup(root, 't', limits)).toThrow(
      /cgroup.subtree_control has the controllers memory and cpu/,
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it('of an earlier life goes at the next boot, unless something is in it', () => {
    mkdirSync(join(root, 'evergate-old'));
    mkdirSync(join(root, 'evergate-busy', 'child'), { recursive: true });
    mkdirSync(join(root, 'other'));
    sweepCgroups(root);
    expect(readdirSync(root).sort()).toEqual(['evergate-busy', 'other']);
  });

  it('without its root: an error that names the setting', () => {
    expect(() => sweepCgroups(join(root, 'nowhere'))).toThrow(/^cgroupRoot: /);
  });
});
