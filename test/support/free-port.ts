/** Ports for those who take one by its number: servers that cannot choose, or that go and come back to the same address. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to whoever connects, or listens at port 0: nobody gets one of these by chance. */
const [LOWEST, COUNT] = [20_000, 10_000];

/** A port at which nobody listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await once(server.close(), 'close');
    return port;
  }
}
