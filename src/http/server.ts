/** The listening part: opens the port, and closes it without cutting an answer off. Signals are `main.ts`'s. */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { defaultHttpSettings } from './settings.ts';

/** How often, in ms, connections without a request are closed during the drain. */
const REAP_IDLE_MS = 100;

/** Time, in ms, that the outcomes of calls which outlasted the grace get to leave. */
const LAST_WORDS_MS = 500;

export interface ListenOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Time, in ms, that answers under way get to finish; default 10 s. */
  readonly drainGraceMs?: number;
}

export interface GatewayServer {
  /** Where it listens, ready to print: `http://127.0.0.1:8085`. */
  readonly url: string;
  readonly port: number;
  /**
   * Stops accepting, answers new requests on open connections 0009 (and `/ready` 503), waits for answers under way up
   * to the grace time, ends what is under way then, and closes every connection. Resolves when none is left. Idempotent.
   */
  close(): Promise<void>;
}

/** Listens. @throws {Error} of the operating system (EADDRINUSE, EACCES, EADDRNOTAVAIL) */
export async function listen(app: FastifyInstance, options: ListenOptions): Promise<GatewayServer> {
  const connections = trackConnections(app);
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no TCP port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    close() {
      closed ??= drain(app, connections, options.drainGraceMs ?? defaultHttpSettings.drainGraceMs);
      return closed;
    },
  };
}

async function drain(app: FastifyInstance, connections: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  app.gateway.draining = true;
  const idle = setInterval(() => closeIdle(app, connections), REAP_IDLE_MS);
  let timer = setTimeout(() => {
    for (const end of app.gateway.lastCall) end();
    timer = setTimeout(() => app.server.closeAllConnections(), LAST_WORDS_MS);
  }, graceMs);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(timer);
  }
}

/** Node does not count a connection that never sent a byte as idle; it would be waited for until the grace ends. */
function closeIdle(app: FastifyInstance, connections: ReadonlySet<Socket>): void {
  app.server.closeIdleConnections();
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
}

function trackConnections(app: FastifyInstance): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  // One for all: a listener of each connection's own would be held as long as the connection.
  function forget(this: Socket): void {
    connections.delete(this);
  }
  app.server.on('connection', socket => {
    connections.add(socket);
    socket.on('close', forget);
  });
  return connections;
}
