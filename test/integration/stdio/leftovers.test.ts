import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type ProcessTable, systemTable } from '../../../src/backends/stdio/process-table.ts';
import { endLeftovers, isRunning, pidIn, useBackends } from '../../support/stdio.ts';

const backends = useBackends();
const foreign = useBackends();
const nobody = randomUUID();
const pidsOf = (ended: readonly { pid: number }[]) => ended.map(({ pid }) => pid).sort((a, b) => a - b);

test('given a recorded tree, when the gateway boots, then all of it is ended, without any cookie (invariant 9)', async () => {
  const server = await backends.tiny(['--ignore-sigterm']);
  const grandchild = pidIn(
    (await server.call('spawn_grandchild', { detached: true })).result.content[0].text,
  );
  const ended = await endLeftovers([server.spawned], {
    instance: nobody,
    graceMs: 50,
    table: withoutCookies(),
  });
  expect(pidsOf(ended)).toEqual(pidsOf([server.spawned, { pid: grandchild }]));
  expect([server.spawned.pid, grandchild].filter(isRunning)).toEqual([]);
});

test('given the record of a tree that another data directory has, when the gateway boots, then it is not touched', async () => {
  const server = await foreign.tiny();
  await server.call('who');
  expect(await endLeftovers([server.spawned], { instance: backends.instance, graceMs: 0 })).toEqual([]);
  expect((await server.call('echo', { message: 'alive' })).result.content[0].text).toBe('alive');
});

test('given a record whose pid was recycled, when the gateway boots, then its new bearer is not touched', async () => {
  const server = await foreign.tiny();
  await server.call('spawn_grandchild');
  const { startTicks } = server.spawned;
  const records = [startTicks - 1, startTicks + 1, 0].map(ticks => ({
    ...server.spawned,
    startTicks: ticks,
  }));
  for (const record of records) {
    expect(await endLeftovers([record], { instance: backends.instance, graceMs: 0 })).toEqual([]);
  }
  expect((await server.call('echo', { message: 'alive' })).result.content[0].text).toBe('alive');
});

test('given a tree that was never recorded, when the gateway boots, then its cookie gives it away', async () => {
  const server = await backends.tiny();
  const stranger = await foreign.tiny();
  await Promise.all([server.call('who'), stranger.call('who')]);
  expect(await endLeftovers([], { instance: backends.instance, graceMs: 50 })).toEqual([server.spawned]);
  expect((await stranger.call('echo', { message: 'alive' })).result.content[0].text).toBe('alive');
});

test('given a recorded leader that is gone, when the gateway boots, then what it left behind is ended', async () => {
  const server = await backends.run('sh', ['-c', 'sleep 600 & echo $!']);
  await server.transport.gone;
  const left = pidIn(server.messages[0] ?? '');
  expect(pidsOf(await endLeftovers([server.spawned], { instance: backends.instance }))).toEqual([left]);
  expect(isRunning(left)).toBe(false);
});

test('given a tree spawned while the sweep is under way, then it is of this life and is not touched', async () => {
  const old = await backends.tiny(['--ignore-sigterm']);
  await old.call('who');
  const first = watchFirstLook();
  const options = { instance: backends.instance, graceMs: 300, table: first.table };
  const sweep = endLeftovers([], options);
  await first.look;
  const fresh = await backends.tiny();
  expect(await sweep).toEqual([old.spawned]);
  expect((await fresh.call('echo', { message: 'alive' })).result.content[0].text).toBe('alive');
});

/** The system's table, of a system where no process's environment may be read. */
function withoutCookies(): ProcessTable {
  if (systemTable === null) throw new Error('these tests need /proc');
  const { list, isStillThere } = systemTable;
  return { list: async () => (await list()).map(entry => ({ ...entry, cookie: null })), isStillThere };
}

/** The system's table, and when its first look has been taken. */
function watchFirstLook() {
  if (systemTable === null) throw new Error('these tests need /proc');
  const { list, isStillThere } = systemTable;
  let taken = () => {};
  const look = new Promise<void>(resolve => {
    taken = resolve;
  });
  const listAndTell = async () => {
    const entries = await list();
    taken();
    return entries;
  };
  return { look, table: { list: listAndTell, isStillThere } };
}
