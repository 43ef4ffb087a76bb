/** Lines of the log that cannot be written: they are lost, counted and told; nothing throws. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LineSink } from '../../src/logging/line-sink.ts';
import { removeDirectory, temporaryDirectory } from '../support/gateway-process.ts';

/** A pipe whose reader takes nothing until it is asked to: one end to write at, without waiting, and how to read. */
function pipe() {
  const directory = temporaryDirectory();
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const writer = openSync(path, O_WRONLY | O_NONBLOCK);
  onTestFinished(() => {
    closeSync(writer);
    closeSync(reader);
    removeDirectory(directory);
  });
  const buffer = Buffer.alloc(1_048_576);
  return { writer, read: () => buffer.toString('utf8', 0, readSync(reader, buffer)) };
}

const told = (lost: number) => `${lost} lost\n`;

it('given a reader that takes nothing, then lines are lost, and told whole once it reads on', () => {
  const { writer, read } = pipe();
  const sink = new LineSink(writer, told);
  const line = `${'x'.repeat(9_999)}\n`;
  for (let n = 0; n < 20; n++) sink.write(line);
  const before = read();
  expect(before.length).toBeGreaterThan(line.length);
  sink.write('next\n');
  sink.write('last\n');
  const whole = before.split('\n').filter(text => text.length === line.length - 1).length;
  const after = read();
  expect((before + after).split('\n').slice(-4)).toEqual([`${20 - whole} lost`, 'next', 'last', '']);
});

it('given a disk that is full, then nothing throws', () => {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const sink = new LineSink(full, told);
  for (let n = 0; n < 3; n++) expect(() => sink.write('line\n')).not.toThrow();
});
