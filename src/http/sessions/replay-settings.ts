/** The bounds of what is kept of clients' streams, so that they can be resumed (invariant 10). */
export interface ReplaySettings {
  /** Most events kept of one stream; the oldest go first. */
  readonly maxReplayEvents: number;
  /** Most bytes kept of one stream. A larger event is not kept; whoever resumes there gets an error. */
  readonly maxReplayBytes: number;
  /** Most bytes kept of one session's streams; the oldest streams go first. */
  readonly maxSessionReplayBytes: number;
  /** Most bytes kept of all streams, what is remembered of each stream included; the oldest go first. */
  readonly maxTotalReplayBytes: number;
  /** How long, in ms, a stream can be resumed: one of a call after its end, the standalone one after a disconnect. */
  readonly replayWindowMs: number;
}

export const defaultReplaySettings: ReplaySettings = {
  maxReplayEvents: 256,
  maxReplayBytes: 1024 * 1024,
  maxSessionReplayBytes: 4 * 1024 * 1024,
  maxTotalReplayBytes: 256 * 1024 * 1024,
  replayWindowMs: 5 * 60_000,
};
