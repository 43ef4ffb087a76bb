/** A TCP proxy whose connections a test can cut, and whose target may change: an address that stays, as a client has it. */
import { connect, createServer, type Socket } from 'node:net';

export interface CuttableProxy {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Where new connections go; null: they are closed at once. */
  target: string | null;
  /** Closes every connection without a word. */
  cut(): void;
  close(): Promise<void>;
}

export async function cuttableProxy(target: string): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer(client => {
    track(client);
    if (proxy.target === null) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(new URL(proxy.target).port), '127.0.0.1');
    track(upstream);
    client.pipe(upstream).pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const proxy: CuttableProxy = {
    url: `http://127.0.0.1:${address.port}`,
    target,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      proxy.cut();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
  return proxy;
}
