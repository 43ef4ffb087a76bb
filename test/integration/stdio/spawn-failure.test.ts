import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StartFailure } from '../../../src/backends/backend.ts';
import { useBackends } from '../../support/stdio.ts';

const backends = useBackends();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evergate-spawn-'));
  await writeFile(join(folder, 'plain'), 'no program');
  await writeFile(join(folder, 'script'), '#!/no/such/interpreter\n');
  await chmod(join(folder, 'script'), 0o755);
  await mkdir(join(folder, 'directory'));
});
afterAll(() => rm(folder, { recursive: true }));

async function failureOf(...run: Parameters<typeof backends.run>): Promise<string> {
  const failure = await backends.run(...run).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartFailure);
  return failure instanceof StartFailure ? failure.message : '';
}

test('given a command that is not installed, then the failure names it and the PATH', async () => {
  expect(await failureOf('no-such-program')).toBe(
    'command: "no-such-program" was not found on the PATH; install it, or give its full path',
  );
});

test('given a path that does not exist, then the failure names the command', async () => {
  expect(await failureOf('./missing', [], { cwd: folder })).toMatch(
    /^command: "\.\/missing" does not exist; /,
  );
});

test('given a missing working directory, then that is named, not the command', async () => {
  expect(await failureOf('true', [], { cwd: join(folder, 'missing') })).toMatch(
    /^cwd: ".*missing" does not exist; /,
  );
});

test('given a working directory that is a file, then the failure says so', async () => {
  expect(await failureOf('true', [], { cwd: join(folder, 'plain') })).toMatch(
    /^cwd: ".*plain" is not a directory; /,
  );
});

test('given a file that may not be executed, then the failure says how to change that', async () => {
  expect(await failureOf(join(folder, 'plain'))).toMatch(
    /^command: ".*plain" may not be executed .*chmod \+x/,
  );
});

test('given a directory as command, then the failure says so', async () => {
  expect(await failureOf(join(folder, 'directory'))).toMatch(/^command: ".*directory" is a directory; /);
});

test('given a script whose interpreter is missing, then the interpreter is blamed', async () => {
  expect(await failureOf('./script', [], { cwd: folder })).toMatch(
    /^command: ".*script" exists, but the interpreter/,
  );
});

test('given a NUL character in a value, then the failure names the fields and not the value', async () => {
  expect(await failureOf('true', [], { env: { KEY: 'sec\0ret' } })).toBe(
    'command, args, cwd or env: holds a NUL character; remove it',
  );
});

test('given more arguments than the system takes, then the failure says so', async () => {
  expect(await failureOf('true', ['x'.repeat(10_000_000)])).toMatch(/^args or env: too long/);
});

test('given an empty command, then the failure says so', async () => {
  expect(await failureOf('')).toBe('command: is empty; name the program to run');
});
