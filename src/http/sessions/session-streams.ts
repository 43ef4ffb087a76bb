/** The resumable streams of one session: the standalone one, and those of calls under way. */
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import { newStreamId, readEventId, type StreamPosition } from './event-ids.ts';
import { ResumableStream, type StreamOptions } from './resumable-stream.ts';
import type { Kept } from './stream-book.ts';

export class SessionStreams {
  readonly #sessionId: string;
  readonly #options: StreamOptions;
  readonly #calls = new Map<string, ResumableStream>();
  #standalone: ResumableStream | null = null;

  constructor(sessionId: string, options: StreamOptions) {
    this.#sessionId = sessionId;
    this.#options = options;
  }

  /** The retry time, in ms, that streams of this session begin with; null for clients that know no priming events. */
  get priming(): StreamOptions['priming'] {
    return this.#options.priming;
  }

  /** The stream of what belongs to no call. It begins when it is first asked for; after a restart with a new id. */
  get standalone(): ResumableStream {
    this.#standalone ??= this.#open(null);
    return this.#standalone;
  }

  /** The standalone stream if it has begun: what nobody reads is kept for its next reader. */
  get begun(): ResumableStream | null {
    return this.#standalone;
  }

  /** A stream for a call. To be given to `closeCall` after its last event. */
  openCall(rpcId: RpcId): ResumableStream {
    const stream = this.#open(rpcId);
    this.#calls.set(stream.id, stream);
    return stream;
  }

  closeCall(stream: ResumableStream): void {
    this.#calls.delete(stream.id);
  }

  /** The stream of a call under way. */
  call(streamId: string): ResumableStream | undefined {
    return this.#calls.get(streamId);
  }

  /** What a `Last-Event-ID` says; null when it is of no stream of this session. */
  locate(lastEventId: string): StreamPosition | null {
    return readEventId(this.#sessionId, lastEventId);
  }

  /** What is kept of a stream behind a place in it; undefined when nothing is known of it. */
  kept({ streamId, n }: StreamPosition): Kept | undefined {
    return this.#options.book.read({ sessionId: this.#sessionId, streamId }, n);
  }

  #open(rpcId: RpcId | null): ResumableStream {
    const sessionId = this.#sessionId;
    return new ResumableStream({ sessionId, streamId: newStreamId(sessionId, rpcId) }, this.#options);
  }
}
