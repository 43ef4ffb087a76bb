/** An exit that waits for nothing: the trees of this life are killed, and nobody else's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { TREE_VARIABLE, treeCookie } from '../../../src/backends/stdio/environment.ts';
import { killAllOf } from '../../../src/backends/stdio/last-resort.ts';

const INSTANCE = `last-resort-${process.pid}`;

/** A process that leads a group and a session of its own, as backends do, and is up. */
async function backend(life: string) {
  const echo = 'console.log("up"); process.stdin.pipe(process.stdout)';
  const child = spawn(process.execPath, ['-e', echo], {
    env: { [TREE_VARIABLE]: treeCookie(INSTANCE, `${life}-tree`) },
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

it('given trees of this life and of another, then what it began is killed, and no other (invariant 9)', async () => {
  const [mine, other] = await Promise.all([backend('mine'), backend('other')]);
  const ended = once(mine, 'exit');
  killAllOf(INSTANCE, 'mine');
  expect(await ended).toEqual([null, 'SIGKILL']);
  other.stdin.write('still there');
  const [said] = await Promise.race([once(other.stdout, 'data'), once(other, 'exit')]);
  expect(String(said)).toBe('still there');
});
