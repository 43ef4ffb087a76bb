import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outbox } from '../../../src/backends/stdio/outbox.ts';
import { TransportFull } from '../../../src/backends/transport.ts';

const turn = () => new Promise<void>(resolve => setImmediate(resolve));

test('given texts and messages in pieces, sent over some turns, then each is a line, in the order of sending', async () => {
  const message = fc.oneof(
    fc.string({ unit: 'binary' }).map(text => JSON.stringify(text)),
    fc.array(
      fc.string({ unit: 'binary' }).map(text => Buffer.from(JSON.stringify(text))),
      { minLength: 1 },
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(message, { maxLength: 5 }), { maxLength: 4 }), async turns => {
      const pipe = new PassThrough();
      const outbox = new Outbox(pipe, 1_000_000);
      for (const messages of turns) {
        for (const each of messages) outbox.send(each);
        await turn();
      }
      await turn();
      const lines = turns
        .flat()
        .map(each => (typeof each === 'string' ? each : Buffer.concat(each).toString()));
      expect(pipe.read()?.toString() ?? '').toBe(lines.map(line => `${line}\n`).join(''));
    }),
    { numRuns: 200 },
  );
});

test('given messages in pieces, then their bytes count for the bound until the backend has read them (invariant 10)', async () => {
  const pipe = new PassThrough({ highWaterMark: 1 });
  const outbox = new Outbox(pipe, 100);
  outbox.send([Buffer.alloc(40), Buffer.alloc(20)]);
  await turn();
  expect(() => outbox.send([Buffer.alloc(40)])).toThrow(TransportFull);
  outbox.send('x'.repeat(30));
  expect(() => outbox.send('x'.repeat(10))).toThrow(TransportFull);
  const read = async () => {
    await turn();
    pipe.read();
    await turn();
  };
  for (let n = 0; n < 5; n++) await read();
  outbox.send([Buffer.alloc(90)]);
});
