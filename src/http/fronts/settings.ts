/** The bounds and times of the fronts, and their defaults. */
import { defaultReplaySettings, type ReplaySettings } from '../sessions/replay-settings.ts';

export interface FrontSettings extends ReplaySettings {
  /** Most sessions at a time; past it 0009. */
  readonly maxSessions: number;
  /** A session without stream and calls ends after that many ms without a request. */
  readonly sessionIdleMs: number;
  /** Silence, in ms, after which a waiting POST becomes a stream, and a stream gets a comment. */
  readonly keepAliveMs: number;
  /** Most bytes that wait for one reader; past it the reader is closed. One larger message may wait alone. */
  readonly maxBufferedBytes: number;
  /** A reader that takes nothing of what waits for it for so many ms is closed. */
  readonly stallMs: number;
  /** Longest `initialize` message, in UTF-16 code units: what it carries is kept as long as the session lives. */
  readonly maxInitializeLength: number;
  /** After how many ms a client shall resume a stream that broke (`retry` at the start of streams). */
  readonly streamRetryMs: number;
}

export const defaultFrontSettings: FrontSettings = {
  maxSessions: 10_000,
  sessionIdleMs: 30 * 60_000,
  keepAliveMs: 15_000,
  maxBufferedBytes: 4 * 1024 * 1024,
  stallMs: 30_000,
  maxInitializeLength: 64 * 1024,
  streamRetryMs: 1_000,
  ...defaultReplaySettings,
};
