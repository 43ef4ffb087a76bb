import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SimulatedClock } from 'xstate';
import { Discards } from '../../../src/backends/remote/discards.ts';

const MOST = 256;
const MAX_MS = 1_000;
const KIB = 1024;

/** A remote that answers as the test says, and what a request to it gets. */
async function remote(answer: (response: ServerResponse) => void): Promise<() => Promise<IncomingMessage>> {
  const server = createServer((_request, response) => answer(response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return async () => {
    const call = request({ port, host: '127.0.0.1', agent: false }).end();
    const [body] = await once(call, 'response');
    return body;
  };
}

const closed = (body: IncomingMessage) =>
  new Promise<void>(resolve => {
    if (body.closed) resolve();
    else body.once('close', resolve);
  });
const neverEnded = (response: ServerResponse) => response.writeHead(202).write('x');

describe('a body that nobody wants', () => {
  it('and that never ends is given up with its connection, in time (invariant 10)', async () => {
    const clock = new SimulatedClock();
    const discards = new Discards(clock);
    const body = await (await remote(neverEnded))();
    discards.discard(body);
    clock.increment(MAX_MS - 1);
    await turn();
    expect(body.destroyed).toBe(false);
    clock.increment(1);
    await closed(body);
    expect(body.socket.destroyed).toBe(true);
  });

  it('is given up at once where many are read already, and is read again when they are gone (invariant 10)', async () => {
    const clock = new SimulatedClock();
    const discards = new Discards(clock);
    const get = await remote(neverEnded);
    const bodies = await Promise.all(Array.from({ length: MOST + 3 }, get));
    for (const body of bodies) discards.discard(body);
    expect(bodies.map(({ destroyed }) => destroyed)).toEqual(bodies.map((_body, at) => at >= MOST));
    const short = await (await remote(response => response.writeHead(202).end()))();
    while (!short.complete) await turn();
    discards.discard(short);
    expect(short.destroyed).toBe(false);
    clock.increment(MAX_MS);
    await Promise.all(bodies.map(closed));
    const later = await get();
    discards.discard(later);
    expect(later.destroyed).toBe(false);
  });

  it('and that is long is given up', async () => {
    const discards = new Discards(new SimulatedClock());
    const body = await (await remote(response => response.writeHead(200).write('x'.repeat(200 * KIB))))();
    discards.discard(body);
    await closed(body);
    expect(body.complete).toBe(false);
  });

  it('and that ends is read to its end, however many there are, and holds nothing up afterwards', async () => {
    const clock = new SimulatedClock();
    const discards = new Discards(clock);
    const get = await remote(response => response.writeHead(202).end('y'.repeat(32 * KIB)));
    for (let count = 0; count < 2 * MOST; count++) {
      const body = await get();
      discards.discard(body);
      await closed(body);
      expect(body.complete).toBe(true);
    }
  });

  it('and that is broken off already, or breaks off later, is no fault', async () => {
    const clock = new SimulatedClock();
    const discards = new Discards(clock);
    const get = await remote(neverEnded);
    const [broken, breaking] = [await get(), await get()];
    broken.destroy();
    await closed(broken);
    for (let time = 0; time < MOST; time++) discards.discard(broken);
    discards.discard(breaking);
    expect(breaking.destroyed).toBe(false);
    breaking.socket.destroy();
    await closed(breaking);
    expect(breaking.complete).toBe(false);
  });
});
