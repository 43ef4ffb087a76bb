import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Outbox } from '../../../src/backends/stdio/outbox.ts';
import { TransportFull, TransportGone } from '../../../src/backends/transport.ts';

/** A pipe that takes in what is written when it is told to. */
function pipe() {
  const writes: string[] = [];
  let written = () => {};
  let takeIn = () => {};
  const stdin = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      writes.push(String(chunk));
      takeIn = done;
      written();
    },
  });
  const nextWrite = () =>
    new Promise<void>(resolve => {
      written = resolve;
    });
  return { stdin, writes, nextWrite, takeIn: () => takeIn() };
}

test('given several messages in one turn, when the turn is over, then they leave in one write', async () => {
  const { stdin, writes, nextWrite } = pipe();
  const outbox = new Outbox(stdin, 1_000);
  outbox.send('a');
  outbox.send('b');
  expect(writes).toEqual([]);
  await nextWrite();
  expect(writes).toEqual(['a\nb\n']);
});

test('given a pipe nobody reads, when the bound is reached, then sends fail until it is read (invariant 10)', async () => {
  const { stdin, nextWrite, takeIn } = pipe();
  const outbox = new Outbox(stdin, 10);
  outbox.send('ééé'); // 7 bytes with the line break
  await nextWrite();
  expect(() => outbox.send('abc')).toThrow(TransportFull);
  outbox.send('ab');
  expect(() => outbox.send('')).toThrow(TransportFull);
  const second = nextWrite();
  takeIn();
  await second;
  outbox.send('abcdef');
});

test('given it was shut, when something is sent, then that is refused with the first reason', () => {
  const { stdin } = pipe();
  const outbox = new Outbox(stdin, 10);
  outbox.shut('exited');
  outbox.finish('closed');
  expect(() => outbox.send('a')).toThrow(new TransportGone('exited'));
});

test('given messages wait, when it is finished, then they are still handed over', () => {
  const { stdin, writes } = pipe();
  const outbox = new Outbox(stdin, 10);
  outbox.send('a');
  outbox.finish('closed');
  expect(writes).toEqual(['a\n']);
});
