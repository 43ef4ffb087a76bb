import { expect, test } from 'vitest';
import type { ProcessEntry } from '../../../src/backends/stdio/process-table.ts';
import { treeClaim, treeMembers } from '../../../src/backends/stdio/process-tree.ts';

const GATEWAY = { pid: 100, ppid: 1, pgid: 100, session: 100, startTicks: 50, cookie: null };
const process = (entry: Partial<ProcessEntry> & { pid: number }): ProcessEntry => ({
  ppid: 1,
  pgid: entry.pid,
  session: entry.pid,
  startTicks: 1_000,
  cookie: null,
  ...entry,
});
const ROOT = { pid: 200, pgid: 200, startTicks: 900 };
const root = process({ ...ROOT, ppid: 100, session: 200, cookie: 'i/t' });

function members(...processes: ProcessEntry[]): number[] {
  const all = [GATEWAY, ...processes];
  const found = treeMembers(all, treeClaim(ROOT, 'i/t')(all), GATEWAY.pid);
  return found.map(entry => entry.pid).sort((a, b) => a - b);
}

test('a tree is its root, its group, its session, its children and whoever bears its cookie', () => {
  const inGroup = process({ pid: 201, pgid: 200, session: 200 });
  const inSession = process({ pid: 202, session: 200 });
  const daemon = process({ pid: 203, cookie: 'i/t' });
  const childOfDaemon = process({ pid: 204, ppid: 203 });
  const fellowOfThatChild = process({ pid: 205, session: 204 });
  const stranger = process({ pid: 206, cookie: 'i/other' });
  expect(members(root, fellowOfThatChild, childOfDaemon, daemon, inSession, inGroup, stranger)).toEqual([
    200, 201, 202, 203, 204, 205,
  ]);
});

test('given the root is gone, then its session still leads to its tree', () => {
  expect(members(process({ pid: 201, pgid: 200, session: 200 }))).toEqual([201]);
});

test("given the root's pid was recycled, then its new bearer and that one's session are not of the tree", () => {
  const bearer = process({ pid: 200, startTicks: 5_000 });
  const inItsSession = process({ pid: 300, session: 200, startTicks: 5_001 });
  const daemon = process({ pid: 301, cookie: 'i/t' });
  expect(members(bearer, inItsSession, daemon)).toEqual([301]);
});

test('nothing older than the root is of its tree, whatever it bears', () => {
  expect(members(root, process({ pid: 150, cookie: 'i/t', startTicks: 899 }))).toEqual([200]);
});

test("the gateway, its session and the machine's first process are never members", () => {
  const sibling = process({ pid: 101, pgid: 100, session: 100, cookie: 'i/t' });
  const first = process({ pid: 1, session: 1, cookie: 'i/t' });
  expect(members({ ...GATEWAY, cookie: 'i/t', startTicks: 950 }, sibling, first, root)).toEqual([200]);
});
