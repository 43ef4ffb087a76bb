/** The resumable streams of one session: the standalone one, and those of calls under way. */
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import {
  callStreamId,
  readEventId,
  type StreamPosition,
  standaloneOrdinal,
  standaloneStreamId,
} from './event-ids.ts';
import { ResumableStream, type StreamOptions } from './resumable-stream.ts';
import type { Kept } from './stream-book.ts';

export class SessionStreams {
  readonly #sessionId: string;
  readonly #options: StreamOptions;
  /** null until a call has one: most sessions never do. */
  #calls: Map<string, ResumableStream> | null = null;
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
    this.#standalone ??= this.#open(
      standaloneStreamId(this.#sessionId, this.#options.book.streamsOf(this.#sessionId)),
    );
    return this.#standalone;
  }

  /** The standalone stream if it has begun: what nobody reads is kept for its next reader. */
  get begun(): ResumableStream | null {
    return this.#standalone;
  }

  /** A stream for a call. To be given to `closeCall` after its last event. */
  openCall(rpcId: RpcId): ResumableStream {
    const stream = this.#open(callStreamId(this.#sessionId, rpcId));
    this.#calls ??= new Map();
    this.#calls.set(stream.id, stream);
    return stream;
  }

  closeCall(stream: ResumableStream): void {
    this.#calls?.delete(stream.id);
  }

  /** The stream of a call under way. */
  call(streamId: string): ResumableStream | undefined {
    return this.#calls?.get(streamId);
  }

  /** What a `Last-Event-ID` says; null when it is of no stream of this session. */
  locate(lastEventId: string): StreamPosition | null {
    return readEventId(this.#sessionId, lastEventId);
  }

  /** What is kept of a stream behind a place in it; undefined when nothing is known of it. */
  kept({ streamId, n }: StreamPosition): Kept | undefined {
    return this.#options.book.read({ sessionId: this.#sessionId, streamId }, n);
  }

  /**
   * Where whoever stands in a standalone stream of an earlier life goes on: behind that place, and at the beginning of each
   * one that followed, up to that of this life, for the client has seen nothing of them.
   */
  onwards(position: StreamPosition): StreamPosition[] {
    const { book } = this.#options;
    const here = standaloneOrdinal(position.streamId) ?? 0;
    const followers = [...book.streamsOf(this.#sessionId)]
      .map(streamId => ({ ...position, streamId, n: 0, ordinal: standaloneOrdinal(streamId) ?? 0 }))
      .filter(({ ordinal, streamId }) => ordinal > here && streamId !== this.#standalone?.id)
      .sort((a, b) => a.ordinal - b.ordinal);
    return [position, ...followers];
  }

  #open(streamId: string): ResumableStream {
    return new ResumableStream({ sessionId: this.#sessionId, streamId }, this.#options);
  }
}
