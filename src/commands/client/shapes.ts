/** What the API answers, as far as the commands show it; the whole is in the OpenAPI document. */

export interface ShownService {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly since: string;
  readonly why: string;
  readonly next: { readonly what: string; readonly at: string | null } | null;
  readonly restarts: number;
  readonly sessions: number;
  readonly inFlight: number;
  readonly held: number;
  readonly pid: number | null;
}

export interface ShownVitals {
  readonly id: string;
  readonly sessions: number;
  readonly inFlight: number;
  readonly held: number;
  readonly rssBytes: number | null;
  readonly cpuPercent: number | null;
}

export interface ShownRecord {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  readonly event: { readonly type: string };
  readonly to: string;
  readonly cause: string;
}

export interface ShownPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly unreadable?: readonly { readonly id: string; readonly reason: string }[];
}

/** What one table shows. */
export interface ShownServices {
  readonly services: readonly ShownService[];
  /** How those that run are doing, by id. */
  readonly vitals: ReadonlyMap<string, ShownVitals>;
}
