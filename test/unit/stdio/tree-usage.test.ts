import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ProcessStat, readStat, readUnits, unitsIn } from '../../../src/backends/stdio/kernel.ts';
import { treeReader, usageOfTrees } from '../../../src/backends/stdio/tree-usage.ts';

const units = { ticksPerSecond: 100, bytesPerPage: 4096 };

/** A process of 10 pages and 2 s. */
const living = (
  pid: number,
  ppid: number,
  session: number,
  more: Partial<ProcessStat> = {},
): ProcessStat => ({
  ...{ pid, ppid, pgid: session, session, startTicks: pid, dead: false, kernelThread: false },
  ...{ cpuTicks: 200, rssPages: 10 },
  ...more,
});
const root = (pid: number, startTicks = pid) => ({ pid, pgid: pid, startTicks });

const usage = (
  processes: readonly ProcessStat[],
  roots: readonly { pid: number; pgid: number; startTicks: number }[],
) =>
  Object.fromEntries(
    [...usageOfTrees(processes, roots, units)].map(([pid, { rssBytes, cpuMs }]) => [
      pid,
      { pages: rssBytes / 4096, processes: [...cpuMs.keys()] },
    ]),
  );

describe('what process trees take', () => {
  it('counts a session, and the children of its processes in other sessions, for their root alone', () => {
    const processes = [
      living(1, 0, 1),
      living(50, 1, 50),
      living(100, 50, 100),
      living(101, 100, 100),
      living(102, 1, 100),
      living(103, 101, 103),
      living(104, 103, 103),
      living(200, 50, 200, { rssPages: 7 }),
      living(300, 1, 300),
    ];
    expect(usage(processes, [root(100), root(200)])).toEqual({
      100: { pages: 50, processes: ['100.100', '101.101', '102.102', '103.103', '104.104'] },
      200: { pages: 7, processes: ['200.200'] },
    });
  });

  it('tells times in ms', () => {
    const [tree] = usageOfTrees([living(100, 1, 100)], [root(100)], units).values();
    expect(tree?.cpuMs.get('100.100')).toBe(2000);
  });

  it('given a root whose number was given to another process, then that one is not counted', () => {
    expect(usage([living(100, 1, 100, { startTicks: 999 })], [root(100)])).toEqual({});
  });

  it('given a root that has ended, then what is left of its session still is', () => {
    expect(usage([living(101, 1, 100)], [root(100)])).toEqual({ 100: { pages: 10, processes: ['101.101'] } });
  });

  it('given parents that go in a circle, as a look at a moving target may have them, then it ends', () => {
    expect(usage([living(5, 6, 5), living(6, 5, 6)], [root(100)])).toEqual({});
  });
});

describe('the units of the kernel', () => {
  const vector = (...pairs: [number, number][]) => {
    const words = new BigUint64Array(pairs.flatMap(pair => pair.map(BigInt)));
    return Buffer.from(words.buffer);
  };

  it('are found in the auxiliary vector, or not at all', () => {
    expect(unitsIn(vector([33, 7], [6, 16_384], [17, 100], [0, 0]))).toEqual({
      ticksPerSecond: 100,
      bytesPerPage: 16_384,
    });
    expect(unitsIn(vector([6, 4096]))).toBeNull();
    expect(unitsIn(Buffer.alloc(5))).toBeNull();
  });

  it.runIf(process.platform === 'linux')('make of this process what Node says of it', () => {
    const { bytesPerPage = 0, ticksPerSecond = 0 } = readUnits() ?? {};
    const { rssPages = 0, cpuTicks = 0 } = readStat(process.pid) ?? {};
    const { user, system } = process.cpuUsage();
    expect((rssPages * bytesPerPage) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
    expect(((cpuTicks / ticksPerSecond) * 1e6) / (user + system)).toBeCloseTo(1, 0);
  });
});

describe.runIf(process.platform === 'linux')('a real process tree', () => {
  it('is measured with its grandchildren', async () => {
    const script =
      "require('child_process').spawn('sleep',['60'],{detached:true,stdio:'ignore'});console.log('up')";
    const child = spawn(process.execPath, ['-e', `${script};setInterval(()=>{},1e6)`], { detached: true });
    onTestFinished(() => void process.kill(-Number(child.pid), 'SIGKILL'));
    await new Promise(resolve => child.stdout.once('data', resolve));
    const pid = Number(child.pid);
    const trees = await treeReader()?.([{ pid, pgid: pid, startTicks: readStat(pid)?.startTicks ?? 0 }]);
    const tree = trees?.get(pid);
    const [grandchild] = [...(tree?.cpuMs.keys() ?? [])]
      .map(key => Number(key.split('.')[0]))
      .filter(each => each !== pid);
    onTestFinished(() => void process.kill(Number(grandchild), 'SIGKILL'));
    expect(tree?.cpuMs.size).toBe(2);
    expect(tree?.rssBytes).toBeGreaterThan(10_000_000);
  });
});
