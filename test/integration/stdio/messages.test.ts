import { expect, test } from 'vitest';
import { useBackends } from '../../support/stdio.ts';

const backends = useBackends();

test('given a running server, when it is called, then its answers arrive, and its stderr is no message', async () => {
  const server = await backends.tiny();
  const [first, second] = await Promise.all([
    server.call('echo', { message: 'grüße' }),
    server.call('stderr_flood', { bytes: 20 }),
  ]);
  expect(first.result.content[0].text).toBe('grüße');
  expect(second.result.content[0].text).toBe('wrote 20 bytes to stderr');
  expect(server.messages).toHaveLength(2);
  expect(server.activity()).toBeGreaterThan(0);
});

test('given a server that floods stderr, when it is called, then it is not held up, and the tail is bounded', async () => {
  const server = await backends.tiny([], { stderr: { maxLines: 5, maxLineChars: 100 } });
  const { result } = await server.call('stderr_flood', { bytes: 4_000_000 });
  expect(result.content[0].text).toBe('wrote 4000000 bytes to stderr');
  expect((await server.call('echo', { message: 'still here' })).result.content[0].text).toBe('still here');
  expect(server.stderrTail.length).toBeLessThanOrEqual(5);
});

test('given a result of 30 MB, when it is sent in one line, then it arrives whole', async () => {
  const server = await backends.tiny();
  const { result } = await server.call('blob', { bytes: 30_000_000 });
  expect(result.content[0].text.length).toBe(30_000_000);
});

test('given a request of 30 MB, when it is sent, then the server gets it whole', async () => {
  const server = await backends.tiny();
  const message = 'y'.repeat(30_000_000);
  expect((await server.call('echo', { message })).result.content[0].text === message).toBe(true);
});

test('given a message over the bound, when it arrives, then it alone is skipped and reported', async () => {
  const server = await backends.tiny([], { maxMessageBytes: 100_000 });
  const text = JSON.stringify({
    jsonrpc: '2.0',
    id: 'big',
    method: 'tools/call',
    params: { name: 'blob', arguments: { bytes: 3_000_000 } },
  });
  server.transport.send(text);
  const next = await server.call('echo', { message: 'next' });
  expect(next.result.content[0].text).toBe('next');
  expect(server.messages).toHaveLength(1);
  expect(server.oversized).toHaveLength(1);
  expect(server.oversized[0]?.bytes).toBeGreaterThan(3_000_000);
  expect(server.oversized[0]?.head).toMatch(/^\{"jsonrpc":"2.0","id":"big",.*x{900}/);
  expect(server.oversized[0]?.head).toHaveLength(1_024);
});

test('given lines that are no JSON, when they arrive, then they are delivered for the reader to judge', async () => {
  const server = await backends.tiny(['--garbage']);
  await server.call('echo', { message: 'a' });
  expect(server.messages[0]).toBe('a log line on the wrong stream');
});

test('given a backend, when it reads its environment, then that is the allow-list, its own and its cookie', async () => {
  const environment = { PATH: process.env.PATH, HOME: '/home/me', AWS_SECRET_ACCESS_KEY: 'no' };
  const env = { API_KEY: 'own', HOME: '/own' };
  const server = await backends.tiny([], { environment, env, treeId: () => 'tree' });
  const { result } = await server.call('env');
  expect(JSON.parse(result.content[0].text)).toEqual({
    PATH: process.env.PATH,
    HOME: '/own',
    API_KEY: 'own',
    EVERGATE_TREE: `${backends.instance}/tree`,
  });
});

test('given arguments a shell would act on, when a backend starts, then it gets them as they are', async () => {
  const argument = '$(id) `id` "; echo no; * ~';
  const server = await backends.run('printf', ['%s\\n', argument]);
  expect(await server.message(() => true)).toBe(argument);
});

test('given a server that prints a secret of its config to stderr, then neither tail nor log shows it', async () => {
  const more = { env: { API_KEY: 'sk-abcdef123' } };
  const server = await backends.run('sh', ['-c', 'echo "bad key $API_KEY" >&2; exit 2'], more);
  const loss = await server.transport.gone;
  expect(loss.message).toBe('the backend exited with code 2; last on stderr: bad key [hidden]');
  expect([server.stderrTail, server.complaints]).toEqual([['bad key [hidden]'], ['bad key [hidden]']]);
});
