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

/** Listens. @throws {Error} it cannot; the message names the setting and the remedy */
export async function listen(app: FastifyInstance, options: ListenOptions): Promise<GatewayServer> {
  const connections = trackConnections(app);
  await app.listen({ host: options.host, port: options.port }).catch(error => {
    throw new Error(explain(error, options), { cause: error });
  });
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

/** What the operating system says against it, by its code. */
const REMEDIES: Readonly<Record<string, (options: ListenOptions) => string>> = {
  EADDRINUSE: ({ port }) =>
    `port ${port} is in use; end the program that listens there, or choose another --port`,
  EACCES: ({ port }) => `port ${port} is not for this user; choose a --port from 1024 on`,
  EADDRNOTAVAIL: ({ host }) => `${host} is no address of this machine; choose another --host`,
  ENOTFOUND: ({ host }) => `${host} is unknown; choose an address of this machine as --host`,
};

function explain(error: NodeJS.ErrnoException, options: ListenOptions): string {
  return `It cannot listen: ${REMEDIES[error.code ?? '']?.(options) ?? error.message}`;
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
