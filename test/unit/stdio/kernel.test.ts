import { expect, test } from 'vitest';
import { cookieIn, parseStat, readStat } from '../../../src/backends/stdio/kernel.ts';

const stat = (comm: string, state = 'S', threads = 1, flags = 4194304) =>
  `4242 (${comm}) ${state} 17 4240 4239 0 -1 ${flags} 38547 0 0 0 84 322 0 0 20 0 ${threads} 0 987654 49000448 4167 18446744073709551615 1 1\n`;

test.each(['sleep', 'a b', 'a) S 1 1 1', '((', ')', 'new\nline) Z', ''])(
  'parses the stat of a process named %j',
  comm => {
    expect(parseStat(stat(comm))).toEqual({
      pid: 4242,
      ppid: 17,
      pgid: 4240,
      session: 4239,
      startTicks: 987_654,
      dead: false,
      kernelThread: false,
      cpuTicks: 84 + 322,
      rssPages: 4167,
    });
  },
);

test('a zombie is dead, unless other threads of it still run', () => {
  expect(parseStat(stat('x', 'Z'))?.dead).toBe(true);
  expect(parseStat(stat('x', 'X'))?.dead).toBe(true);
  expect(parseStat(stat('x', 'Z', 3))?.dead).toBe(false);
});

test('a kernel thread is told by its flags', () => {
  expect(parseStat(stat('kworker', 'I', 1, 0x04208060))?.kernelThread).toBe(true);
});

test.each(['', 'x', '1 (a', '1 (a) S 1', 'one (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5'])(
  'refuses %j',
  text => {
    expect(parseStat(text)).toBeNull();
  },
);

test.runIf(process.platform === 'linux')('reads this process, and nothing where there is none', () => {
  expect(readStat(process.pid)).toMatchObject({ pid: process.pid, ppid: process.ppid, dead: false });
  expect(readStat(2 ** 22 + 1)).toBeNull();
});

test('finds the cookie wherever it stands in an environment, and no variable that only ends like it', () => {
  const block = (...pairs: string[]) => Buffer.from(pairs.map(pair => `${pair}\0`).join(''));
  expect(cookieIn(block('EVERGATE_TREE=i/1', 'A=b'))).toBe('i/1');
  expect(cookieIn(block('A=b', 'NOT_EVERGATE_TREE=no', 'EVERGATE_TREE=i/2'))).toBe('i/2');
  expect(cookieIn(block('A=EVERGATE_TREE=no'))).toBeNull();
  expect(cookieIn(block())).toBeNull();
});
