/** A client that writes its own bytes: for what `inject` and `fetch` will not send, and for hanging up. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawClient {
  write(text: string): void;
  /** Resolves with all that came so far, as soon as it matches. Rejects when the connection ends before it does. */
  received(pattern: RegExp): Promise<string>;
  /** Resolves, with all that came, when the connection is closed. */
  readonly closed: Promise<string>;
  /** Closes the connection without a word. */
  hangUp(): void;
  /** Reads no more. */
  pause(): void;
}

/** Connects to a port of this host; the connection is gone when the test is over. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  const closed = collect(socket);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return {
    write: text => socket.write(text),
    received: pattern => waitFor(socket, pattern),
    closed,
    hangUp: () => socket.destroy(),
    pause: () => socket.pause(),
  };
}

const buffers = new WeakMap<Socket, string>();

function collect(socket: Socket): Promise<string> {
  socket.setEncoding('utf8');
  socket.on('data', chunk => buffers.set(socket, (buffers.get(socket) ?? '') + chunk));
  socket.on('error', () => socket.destroy());
  return new Promise(resolve => socket.once('close', () => resolve(buffers.get(socket) ?? '')));
}

function waitFor(socket: Socket, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const text = buffers.get(socket) ?? '';
      if (pattern.test(text)) resolve(text);
      return pattern.test(text);
    };
    if (look()) return;
    socket.on('data', look);
    socket.once('close', () => reject(new Error(`closed after: ${buffers.get(socket) ?? ''}`)));
  });
}
