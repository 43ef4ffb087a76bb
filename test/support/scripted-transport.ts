/** A transport without a backend: what is sent is kept for the test to answer. */
import type { LossReason } from '../../src/backends/backend.ts';
import { type Transport, TransportGone } from '../../src/backends/transport.ts';
import { deferred } from './deferred.ts';

export interface Sent {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown> & { readonly _meta?: { readonly progressToken?: unknown } };
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export class ScriptedTransport implements Transport {
  /** Everything sent so far, as text and parsed. */
  readonly texts: string[] = [];
  readonly #gone = deferred<LossReason>();
  readonly gone = this.#gone.promise;
  closed = false;
  /** Set to make the next sends fail. */
  fault: Error | null = null;
  onSend: (message: Sent) => void = () => undefined;

  get sent(): Sent[] {
    return this.texts.map(text => JSON.parse(text));
  }

  get last(): Sent {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last;
  }

  send(text: string, _headers?: Readonly<Record<string, string>>): void {
    if (this.fault !== null) throw this.fault;
    if (this.closed) throw new TransportGone('closed');
    this.texts.push(text);
    this.onSend(JSON.parse(text));
  }

  /** The backend exits. */
  exit(message: string, exitCode: number | null = 1): void {
    this.fault = new TransportGone(message);
    this.#gone.resolve({ message, exitCode, signal: null });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.#gone.resolve({ message: 'closed', exitCode: null, signal: null });
  }
}
