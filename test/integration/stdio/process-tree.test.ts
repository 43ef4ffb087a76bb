import { expect, test } from 'vitest';
import { systemClock } from '../../../src/backends/clock.ts';
import { groupTable, systemTable } from '../../../src/backends/stdio/process-table.ts';
import { ProcessTree, treeClaim } from '../../../src/backends/stdio/process-tree.ts';
import { isRunning, pidIn, useBackends } from '../../support/stdio.ts';

const backends = useBackends();

/** Runs a script that prints the pids it started, one per line, then `ready`. */
async function runScript(script: string) {
  const server = await backends.run('sh', ['-c', script]);
  await server.message(text => text === 'ready');
  const pids = server.messages.filter(text => text !== 'ready').map(pidIn);
  return { server, pids };
}

test('given a server that heeds the end of stdin, when it is closed, then it ends by itself', async () => {
  const server = await backends.tiny([], { eofGraceMs: 20_000 });
  await server.call('echo', { message: 'up' });
  await server.transport.close();
  expect(await server.transport.gone).toMatchObject({ exitCode: 0, signal: null });
  expect(isRunning(server.spawned.pid)).toBe(false);
});

test('given a server that ignores the end of stdin, when it is closed, then TERM ends it', async () => {
  const server = await backends.run('sleep', ['600'], { graceMs: 20_000 });
  await server.transport.close();
  expect(await server.transport.gone).toMatchObject({ signal: 'SIGTERM' });
});

test('given a server and grandchildren, one of them detached, when it is closed, then none is left (invariants 2 and 9)', async () => {
  const server = await backends.tiny(['--ignore-sigterm']);
  const pids: number[] = [];
  for (const detached of [false, true]) {
    pids.push(pidIn((await server.call('spawn_grandchild', { detached })).result.content[0].text));
  }
  await server.transport.close();
  expect([server.spawned.pid, ...pids].filter(isRunning)).toEqual([]);
  expect(await server.transport.gone).toMatchObject({ signal: 'SIGKILL' });
});

test('given a tree of which every process ignores TERM, when it is closed, then KILL reaches all of it', async () => {
  const script = "trap '' TERM; sleep 600 & echo $!; setsid sleep 600 & echo $!; echo ready; wait; sleep 600";
  const { server, pids } = await runScript(script);
  await server.transport.close();
  expect(pids).toHaveLength(2);
  expect([server.spawned.pid, ...pids].filter(isRunning)).toEqual([]);
});

test('given a daemon that left session and parent, when the server has exited by itself, then close still ends it', async () => {
  const { server, pids } = await runScript('(setsid sleep 600 >&- 2>&- & echo $!); echo ready');
  await server.transport.gone;
  expect(pids.filter(isRunning)).toHaveLength(1);
  await server.transport.close();
  expect(pids.filter(isRunning)).toEqual([]);
});

test('given a child with an empty environment in its own session, when its parents end first, then it is still known', async () => {
  const daemon = 'env -i setsid sh -c "echo \\$\\$; echo ready; exec sleep 600"';
  const { server, pids } = await runScript(`${daemon} & read line`);
  await server.transport.close();
  expect(pids).toHaveLength(1);
  expect(pids.filter(isRunning)).toEqual([]);
});

test('given two trees, when one is closed, then the other is not touched', async () => {
  const [one, other] = [await backends.tiny(), await backends.tiny()];
  await one.transport.close();
  expect((await other.call('echo', { message: 'here' })).result.content[0].text).toBe('here');
});

test('given a zombie nobody reaps, when the table is read, then it is not among the living', async () => {
  const server = await backends.run('sh', ['-c', 'true & echo $!; exec sleep 600']);
  const zombie = Number(await server.message(() => true));
  while (isRunning(zombie)) await new Promise(resolve => setImmediate(resolve));
  const living = (await systemTable?.list()) ?? [];
  expect(living.map(entry => entry.pid)).toContain(server.spawned.pid);
  expect(living.map(entry => entry.pid)).not.toContain(zombie);
});

test('given no /proc, when a stubborn server is closed, then its process group is gone', async () => {
  const server = await backends.run('sh', ['-c', "trap '' TERM; echo ready; exec sleep 600"]);
  await server.message(text => text === 'ready');
  const table = groupTable(server.spawned);
  const tree = new ProcessTree({ claim: treeClaim(server.spawned, ''), table, timers: systemClock });
  expect(await tree.end(20)).toEqual([server.spawned]);
  expect(await server.transport.gone).toMatchObject({ signal: 'SIGKILL' });
});
