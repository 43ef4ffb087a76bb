import { expect, test } from 'vitest';
import { backendEnvironment, isOfInstance, treeCookie } from '../../../src/backends/stdio/environment.ts';

test('given a gateway environment with secrets, when a backend gets its own, then only the allow-list passes', () => {
  const source = {
    PATH: '/bin',
    HOME: '/home/me',
    LC_ALL: 'C.UTF-8',
    AWS_SECRET_ACCESS_KEY: 'secret',
    EVERGATE_AUTH_TOKENS: 'token',
    path: '/lower',
    TERM: undefined,
  };
  expect(backendEnvironment(source, {}, 'i/t', 'linux')).toEqual({
    PATH: '/bin',
    HOME: '/home/me',
    LC_ALL: 'C.UTF-8',
    EVERGATE_TREE: 'i/t',
  });
});

test('given an exported shell function, when a backend gets its environment, then it is left out', () => {
  expect(backendEnvironment({ SHELL: '() { :; }' }, {}, 'i/t', 'linux')).toEqual({ EVERGATE_TREE: 'i/t' });
});

test("given a config's env, when a backend gets its environment, then it overrides all but the cookie", () => {
  const own = { PATH: '/own', API_KEY: 'k', EVERGATE_TREE: 'forged/1' };
  expect(backendEnvironment({ PATH: '/bin', EVERGATE_TREE: 'outer/1' }, own, 'i/t', 'linux')).toEqual({
    PATH: '/own',
    API_KEY: 'k',
    EVERGATE_TREE: 'i/t',
  });
});

test('given Windows, when a backend gets its environment, then names are compared regardless of case', () => {
  const source = { Path: 'C:\\bin', SystemRoot: 'C:\\Windows', LC_ALL: 'C', Secret: 's' };
  expect(backendEnvironment(source, { PATH: 'C:\\own' }, 'i/t', 'win32')).toEqual({
    PATH: 'C:\\own',
    SystemRoot: 'C:\\Windows',
    EVERGATE_TREE: 'i/t',
  });
});

test('a cookie belongs to its instance and to no other that begins alike', () => {
  expect(isOfInstance(treeCookie('abc', '1'), 'abc')).toBe(true);
  expect(isOfInstance(treeCookie('abcd', '1'), 'abc')).toBe(false);
});
