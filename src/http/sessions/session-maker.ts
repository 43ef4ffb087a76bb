/** Makes live sessions of their records. What all of one kind share is made once, so that none has to hold its own. */
import type { Clock } from '../../backends/clock.ts';
import type { SessionKeeper } from './keeper.ts';
import { isDurable, type SessionRecord } from './record.ts';
import type { StreamOptions } from './resumable-stream.ts';
import { Session, type SessionOptions } from './session.ts';
import { SessionStreams } from './session-streams.ts';
import type { StreamBook } from './stream-book.ts';

export interface MakerOptions {
  readonly clock: Clock;
  readonly keeper: SessionKeeper;
  readonly book: StreamBook;
  /** A session without a call and without a stream ends after that many ms without a request. */
  readonly sessionIdleMs: number;
  /** See `ReplaySettings`. */
  readonly replayWindowMs: number;
  /** After how many ms a client shall resume a stream that broke. */
  readonly retryMs: number;
}

type SharedOptions = Required<Omit<SessionOptions, 'streams'>> & { readonly streams: StreamOptions };

/** The first revision whose clients understand an event without data (Streamable HTTP, "Sending Messages"). */
const FIRST_PRIMED_VERSION = '2025-11-25';

export class SessionMaker {
  readonly #primed: SharedOptions;
  readonly #unprimed: SharedOptions;

  constructor(options: MakerOptions) {
    this.#primed = shared(options, { retryMs: options.retryMs });
    this.#unprimed = shared(options, null);
  }

  make(record: SessionRecord): Session {
    const primed = (record.introduction?.protocolVersion ?? '') >= FIRST_PRIMED_VERSION;
    const { streams, now, onChanged } = primed ? this.#primed : this.#unprimed;
    return new Session(record, { now, onChanged, streams: new SessionStreams(record.id, streams) });
  }
}

function shared(
  { clock, book, keeper, replayWindowMs, sessionIdleMs }: MakerOptions,
  priming: StreamOptions['priming'],
): SharedOptions {
  const now = () => clock.now();
  return {
    now,
    onChanged: record => void (isDurable(record) && keeper.save(record)),
    streams: { book, now, windowMs: Math.min(replayWindowMs, sessionIdleMs), priming },
  };
}
