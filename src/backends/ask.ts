/** The gateway's own requests to a backend, outside any session. */
import type { JsonObject } from '../store/event-log.ts';
import type { CallFailure } from './backend.ts';
import type { Clock } from './clock.ts';
import type { Calls } from './multiplexer/calls.ts';
import type { RpcError } from './rpc/json-rpc.ts';

/** A request of the gateway's own that got no answer. */
export class AskFailure extends Error {
  override readonly name = 'AskFailure';

  constructor(readonly failure: CallFailure) {
    super(failure.reason);
  }
}

export interface Question {
  readonly method: string;
  readonly params: JsonObject;
  readonly timeoutMs: number;
}

/** Resolves with the backend's answer, a JSON-RPC error included. @throws {AskFailure} no answer in time, or at all */
export function ask(
  calls: Calls,
  clock: Clock,
  { method, params, timeoutMs }: Question,
): Promise<{ result?: unknown; error?: RpcError }> {
  return new Promise((resolve, reject) => {
    let id: number | null = null;
    const timer = clock.setTimeout(() => {
      if (id !== null) calls.abandon(id, 'no answer in time');
      const reason = `the backend did not answer ${method} within ${timeoutMs} ms`;
      reject(new AskFailure({ kind: 'timeout', reason, delivered: true }));
    }, timeoutMs);
    id = calls.beginOwn(method, params, {
      message: () => {},
      result: text => {
        clock.clearTimeout(timer);
        resolve(JSON.parse(text));
      },
      fail: failure => {
        clock.clearTimeout(timer);
        reject(new AskFailure(failure));
      },
    });
  });
}
