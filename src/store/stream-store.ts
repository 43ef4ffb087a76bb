/**
 * The stream store port: events of clients' streams, kept for a while so that a stream can be resumed. It keeps what it
 * is told to; bounds are the business of whoever tells it. All verbs are synchronous; a `write` that returned is durable.
 */

/** A stream id is looked up under its session alone: it is good for no other. */
export interface StreamKey {
  readonly sessionId: string;
  readonly streamId: string;
}

/** What is known of a stream besides its events. */
export interface StreamHead extends StreamKey {
  /** Bytes of the events that are kept. */
  readonly bytes: number;
  /** Number of its last event; null as long as it goes on, or for ever when the gateway died meanwhile. */
  readonly lastN: number | null;
}

export interface KeptEvent {
  /** Its number within the stream; the first is 1. */
  readonly n: number;
  readonly text: string;
}

export type StreamChange = StreamKey &
  (
    | ({ readonly do: 'keep' } & KeptEvent)
    /** Forgets one event. */
    | { readonly do: 'drop'; readonly n: number }
    | { readonly do: 'note'; readonly bytes: number; readonly lastN: number | null }
    /** Forgets the stream and its events. */
    | { readonly do: 'forget' }
  );

export interface StreamStore {
  /** Makes all changes, in order, as one transaction. @throws {StorageError} nothing was written */
  write(changes: readonly StreamChange[]): void;
  /** The events of a stream with a number above `after`, in order. @throws {StorageError} */
  events(key: StreamKey, after: number): KeptEvent[];
  /** All streams, in key order; read once at boot. @throws {StorageError} */
  streams(): StreamHead[];
}
