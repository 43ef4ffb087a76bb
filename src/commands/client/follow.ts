/** A live stream that outlives its connections: it comes back with the id of the last event it had. */

import { messageOf } from '../../message-of.ts';
import type { Terminal } from '../command.ts';
import {
  type GatewayClient,
  GatewayRefusal,
  GatewayUnreachable,
  type Query,
  type StreamEvent,
} from './gateway-client.ts';

export interface FollowOptions {
  readonly path: string;
  readonly query?: Query;
  /** Id of the last event that is known; null: begin with the present. */
  readonly lastEventId: string | null;
  readonly signal?: AbortSignal;
  /** It is connected anew after a loss. */
  readonly onAgain?: () => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Events without end, until `signal` is aborted or nobody reads `terminal.out`. Losses are told on `err`.
 * @throws {GatewayRefusal | GatewayUnreachable} the very first connection failed, or a later one was refused for good
 */
export async function* follow(
  client: GatewayClient,
  terminal: Terminal,
  { path, query = {}, lastEventId, signal, onAgain = () => {} }: FollowOptions,
): AsyncGenerator<StreamEvent> {
  let last = lastEventId;
  let pauseMs = FIRST_PAUSE_MS;
  let opened = false;
  const goesOn = () => terminal.closed?.() !== true && signal?.aborted !== true;
  const onOpen = () => {
    if (opened) {
      terminal.err('evergate: connected again\n');
      onAgain();
    }
    opened = true;
    pauseMs = FIRST_PAUSE_MS;
  };
  while (goesOn()) {
    let reason = 'it ended the stream';
    try {
      for await (const event of client.events(path, query, last, { ...(signal && { signal }), onOpen })) {
        last = event.id ?? last;
        yield event;
        if (!goesOn()) return;
      }
    } catch (error) {
      if (!opened || !isPassing(error)) throw error;
      reason = messageOf(error);
    }
    if (!goesOn()) return;
    if (pauseMs === FIRST_PAUSE_MS) terminal.err(`evergate: lost the gateway, trying again: ${reason}\n`);
    await pause(pauseMs, signal);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}

/** Whether trying again can help: the gateway is away, starts, or is too busy. */
const isPassing = (error: unknown) =>
  error instanceof GatewayUnreachable || (error instanceof GatewayRefusal && error.status >= 500);

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
