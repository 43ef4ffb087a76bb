import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { ProcessTransport } from '../../../src/backends/stdio/process-transport.ts';
import { ProcessTree } from '../../../src/backends/stdio/process-tree.ts';
import { StderrTail } from '../../../src/backends/stdio/stderr.ts';

/** A transport over pipes the test holds, with timers it fires. */
function setUp() {
  const pipes = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const child = Object.assign(new EventEmitter(), pipes);
  const messages: string[] = [];
  const heard = new EventEmitter();
  const armed: (() => void)[] = [];
  const timers = {
    setTimeout(callback: () => void) {
      armed.push(callback);
      heard.emit('armed');
    },
    clearTimeout: () => {},
  };
  const events = {
    onMessage(text: string) {
      messages.push(text);
      heard.emit('message');
    },
    onOversized: () => expect.unreachable(),
    onActivity: () => {},
  };
  const table = { list: async () => [], isStillThere: () => false };
  const transport = new ProcessTransport(child as unknown as ChildProcessWithoutNullStreams, {
    tree: new ProcessTree({ claim: () => [], table, timers }),
    stderr: new StderrTail(),
    events,
    timers,
    graceMs: 0,
    eofGraceMs: 0,
    maxMessageBytes: 1_000,
    maxQueuedBytes: 1_000,
  });
  /** Resolves, when the transport waits for silence, with what makes that time pass. */
  const waiting = async () => {
    while (armed.length === 0) await once(heard, 'armed');
    return () => armed.shift()?.();
  };
  const write = (text: string) => {
    const delivered = once(heard, 'message');
    child.stdout.write(`${text}\n`);
    return delivered;
  };
  return { child, transport, messages, waiting, write };
}

function once(emitter: EventEmitter, event: string): Promise<void> {
  return new Promise(resolve => emitter.once(event, () => resolve()));
}

test('given bytes that come in after the exit was seen, then they arrive before the loss', async () => {
  const { child, transport, messages, waiting, write } = setUp();
  child.emit('exit', 3, null);
  const seenAtLoss = transport.gone.then(() => [...messages]);
  for (const text of ['first', 'second']) {
    const passTime = await waiting();
    await write(text);
    passTime();
  }
  (await waiting())();
  expect(await seenAtLoss).toEqual(['first', 'second']);
});

test('given pipes that close with the exit, then the loss is known without any waiting', async () => {
  const { child, transport } = setUp();
  child.emit('exit', 3, null);
  child.emit('close', 3, null);
  expect(await transport.gone).toMatchObject({ exitCode: 3 });
});

test('given a grandchild that never stops writing, then the loss comes all the same (invariant 10)', async () => {
  const { child, transport, waiting, write } = setUp();
  child.emit('exit', 3, null);
  for (let round = 0; round < 20; round++) {
    const passTime = await waiting();
    await write('more');
    passTime();
  }
  expect(await transport.gone).toMatchObject({ exitCode: 3 });
});
