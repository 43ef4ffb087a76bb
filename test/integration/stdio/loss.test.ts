import { expect, test } from 'vitest';
import { TransportFull, TransportGone } from '../../../src/backends/transport.ts';
import { hastyTimers, isRunning, pidIn, useBackends } from '../../support/stdio.ts';

const backends = useBackends();

test('given a grandchild that holds stdout open, when the server exits, then the loss is known, and close ends the rest', async () => {
  const server = await backends.tiny();
  const { result } = await server.call('spawn_grandchild', { hold_stdout: true });
  const grandchild = pidIn(result.content[0].text);
  server.call('crash', { code: 7 });
  expect(await server.transport.gone).toMatchObject({ exitCode: 7, signal: null });
  expect(isRunning(grandchild)).toBe(true);
  await server.transport.close();
  expect(isRunning(grandchild)).toBe(false);
});

test('given data still in the pipe, when the server exits while stdout is held, then all of it arrives first', async () => {
  const script = 'sleep 600 & i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i+1)); done; exit 3';
  const server = await backends.run('sh', ['-c', script]);
  expect(await server.transport.gone).toMatchObject({ exitCode: 3 });
  expect(server.messages).toHaveLength(5_000);
  expect(server.messages.at(-1)).toBe('line 4999');
});

test('given a last line without a break, when the server exits, then it arrives', async () => {
  const server = await backends.run('printf', ['a\\nb']);
  await server.transport.gone;
  expect(server.messages).toEqual(['a', 'b']);
});

test('given words on stderr, when the server fails, then the reason ends with the last of them, bounded', async () => {
  const server = await backends.run('sh', ['-c', 'printf "%0900d\\n" 0 >&2; echo cause >&2; exit 4']);
  const { message } = await server.transport.gone;
  expect(message).toBe('the backend exited with code 4; last on stderr: cause');
  const other = await backends.run('sh', ['-c', 'printf "%0900d\\n" 0 >&2; kill -9 $$']);
  const loss = await other.transport.gone;
  expect(loss).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  expect(loss.message).toBe(`the backend was ended by SIGKILL; last on stderr: ${'0'.repeat(500)}`);
});

test('given an exit with code 0, then the reason says so without words from stderr', async () => {
  const server = await backends.run('sh', ['-c', 'echo bye >&2']);
  expect(await server.transport.gone).toEqual({
    message: 'the backend exited by itself (code 0)',
    exitCode: 0,
    signal: null,
  });
});

test('given the server has exited, when something is sent, then that is refused', async () => {
  const server = await backends.run('true');
  await server.transport.gone;
  expect(() => server.transport.send('{}')).toThrow(TransportGone);
});

test('given a server that closed its stdin, when something is sent, then the broken pipe is the loss', async () => {
  const script = 'exec 0<&-; echo ready; exec sleep 600';
  const server = await backends.run('sh', ['-c', script], { timers: hastyTimers });
  await server.message(text => text === 'ready');
  server.transport.send('{}');
  expect((await server.transport.gone).message).toBe(
    'the backend broke its stdin (EPIPE) while it kept running',
  );
  expect(() => server.transport.send('{}')).toThrow(TransportGone);
});

test('given a server that closed its stdout, while it keeps running, then that is the loss', async () => {
  const server = await backends.run('sh', ['-c', 'exec sleep 600 >&-'], { timers: hastyTimers });
  expect((await server.transport.gone).message).toBe('the backend closed its stdout while it kept running');
});

test('given a server that does not read, when the bound is reached, then sends are refused (invariant 10)', async () => {
  const server = await backends.run('sleep', ['600'], { maxQueuedBytes: 1_000_000 });
  const text = 'z'.repeat(400_000);
  server.transport.send(text);
  server.transport.send(text);
  expect(() => server.transport.send(text)).toThrow(TransportFull);
});

test('given a connection that was closed, then its loss says so, and close again is the same', async () => {
  const server = await backends.run('cat', [], { eofGraceMs: 20_000 });
  const closed = server.transport.close();
  expect(server.transport.close()).toBe(closed);
  expect(() => server.transport.send('{}')).toThrow(TransportGone);
  await closed;
  expect(await server.transport.gone).toMatchObject({
    message: 'the connection to the backend was closed',
    exitCode: 0,
  });
});

test('given a message sent right before close, then the server still gets it, and its answer arrives', async () => {
  const server = await backends.run('cat', [], { eofGraceMs: 10_000 });
  server.transport.send('last');
  await server.transport.close();
  expect(server.messages).toEqual(['last']);
});
