/** Limits and the operator's wrapper, with real processes. */
import { describe, expect, test } from 'vitest';
import { StartFailure } from '../../../src/backends/backend.ts';
import { UNLIMITED } from '../../../src/backends/stdio/limits.ts';
import { isRunning, pidIn, useBackends } from '../../support/stdio.ts';

const backends = useBackends();
const MIB = 1_048_576;

async function failureOf(...run: Parameters<typeof backends.run>): Promise<string> {
  const failure = await backends.run(...run).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartFailure);
  return failure instanceof StartFailure ? failure.message : '';
}

describe('a limit', () => {
  test('of open files holds for the backend and its children', async () => {
    const limits = { ...UNLIMITED, limitOpenFiles: 123 };
    const cat = await backends.run('sh', ['-c', 'cat /proc/self/limits; :'], { limits });
    expect(await cat.message(line => line.startsWith('Max open files'))).toMatch(/ 123 +123 /);
  });

  test('of memory ends a backend that wants more, and not one that does not', async () => {
    const limits = { ...UNLIMITED, limitMemoryBytes: 512 * MIB };
    const small = await backends.tiny([], { limits });
    expect((await small.call('echo', { message: 'hi' })).result.content[0].text).toBe('hi');
    const greedy = 'const held = []; for (;;) held.push(Buffer.alloc(16 << 20, 1));';
    const large = await backends.run(process.execPath, ['-e', greedy], { limits });
    const { exitCode, signal } = await large.transport.gone;
    expect(exitCode ?? signal).not.toBe(0);
  });

  test('of CPU time ends a backend that uses it up', async () => {
    const limits = { ...UNLIMITED, limitCpuSeconds: 1 };
    const busy = await backends.run('sh', ['-c', 'while :; do :; done'], { limits });
    expect(['SIGKILL', 'SIGXCPU']).toContain((await busy.transport.gone).signal);
  });

  test('that cannot be set is the reason of the end', async () => {
    const limits = { ...UNLIMITED, limitOpenFiles: 2 ** 31 - 1 };
    const { transport } = await backends.tiny([], { limits });
    expect((await transport.gone).message).toBe(
      'the backend exited with code 126; last on stderr: evergate: limits.openFiles cannot be set to 2147483647 here',
    );
  });

  test('that needs a cgroup fails the start where there is none', async () => {
    const limits = { ...UNLIMITED, limitCpuPercent: 50 };
    expect(await failureOf('true', [], { limits })).toMatch(
      /^limits.cpuPercent needs a cgroup: set cgroupRoot/,
    );
    const lost = { ...limits, cgroupRoot: '/proc/nowhere' };
    expect(await failureOf('true', [], { limits: lost })).toMatch(/^limits: .*cgroup/);
  });
});

describe('the wrapper', () => {
  test('stands before the command, whose environment and pipes go through it', async () => {
    const wrapper = ['/usr/bin/env', 'WRAPPED=a b'];
    const server = await backends.tiny([], { wrapper, limits: { ...UNLIMITED, limitOpenFiles: 256 } });
    expect((await server.call('env', { name: 'WRAPPED' })).result.content[0].text).toBe('{"WRAPPED":"a b"}');
  });

  test('invariant 9: may stay as the parent of the command: both are ended', async () => {
    const wrapper = ['sh', '-c', '"$@"; :', 'sh'];
    const server = await backends.tiny([], { wrapper });
    const pid = pidIn((await server.call('who')).result.content[0].text);
    expect(pid).not.toBe(server.spawned.pid);
    await server.transport.close();
    expect([isRunning(pid), isRunning(server.spawned.pid)]).toEqual([false, false]);
  });

  test('that is not there is told as the setting it is', async () => {
    expect(await failureOf('true', [], { wrapper: ['no-such-sandbox'] })).toBe(
      'spawnWrapper: "no-such-sandbox" cannot be run (ENOENT); install it or correct the setting',
    );
  });
});

test.each([
  [
    'no-such-program',
    'command: "no-such-program" was not found on the PATH; install it, or give its full path',
  ],
  ['/no/such', 'command: "/no/such" does not exist; install it or correct the path'],
  ['/etc', 'command: "/etc" is a directory; name the program in it'],
  ['/etc/passwd', 'command: "/etc/passwd" may not be executed by this user; make it executable (chmod +x)'],
])('with limits, too, a command that cannot be run is told by name: %s', async (command, problem) => {
  expect(await failureOf(command, [], { limits: { ...UNLIMITED, limitOpenFiles: 99 } })).toBe(problem);
});
