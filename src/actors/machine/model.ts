/** The data of the service statechart: what it is told (events) and what it remembers (context). Plain JSON only. */
import type { Ran, SpawnRecord } from '../../backends/backend.ts';
import type { ServiceType } from '../services.ts';
import type { StartTimeout } from './start-timeout.ts';

/** The settings the statechart decides by. Part of the context, so that replay does not depend on today's settings. */
export interface Policy {
  /** First cooldown in ms; doubled per consecutive failure. */
  readonly cooldownMs: number;
  readonly cooldownMaxMs: number;
  /** Fraction of a cooldown, 0 to 1, by which chance may lengthen it. */
  readonly jitter: number;
  /** Ms of Ready after which earlier failures are forgotten (invariant 5). */
  readonly stableAfterMs: number;
  /** Consecutive failures after which a Persistent service is Ended. */
  readonly maxStartFailures: number;
  /** Unanswered probes in a row after which a backend counts as lost. */
  readonly probeFailures: number;
}

/** The last thing that went wrong, or the reason of an end. */
export interface Incident {
  readonly kind: 'start' | 'loss' | 'end' | 'divergence';
  readonly reason: string;
}

/** A process on record, and the start it belongs to. */
export interface OwnedProcess extends SpawnRecord {
  readonly generation: number;
  /** Number of the lane it is the backend of; absent: the service's first. */
  readonly lane?: number;
}

/** What a backend offered when it was last asked for its tools, and by which start it was. */
export interface OfferedTools {
  readonly generation: number;
  /** See `ToolList.hash`. */
  readonly hash: string;
  readonly count: number;
}

/** What follows once the backend is torn down: what the type asks for, or what somebody asked for meanwhile. */
export type AfterTeardown = 'recover' | 'start' | 'stop' | 'remove';

export interface ServiceContext {
  readonly type: ServiceType;
  /** A type that differs from the present one; it replaces it at the next explicit start (contract §3). */
  readonly nextType: ServiceType | null;
  /** Fingerprint of the stored config; null when there is none to start from. */
  readonly config: string | null;
  readonly policy: Policy;
  /** Number of starts so far; tells late news of an earlier start apart. */
  readonly generation: number;
  /** Starts that were not asked for by anybody: recoveries. */
  readonly restarts: number;
  /** Consecutive starts that failed or did not stay up for the cooldown. */
  readonly failures: number;
  /** Durations of the last starts from this config that succeeded, in ms, oldest first; a bounded number (invariant 10). */
  readonly starts: readonly number[];
  /** How long the last start may be, or was, silent; null: there was none, or it was not recorded. */
  readonly startTimeout: StartTimeout | null;
  /** Consecutive unanswered probes. */
  readonly misses: number;
  /** Epoch ms before which no restart happens; null when none is owed or it is owed at once. */
  readonly dueAt: number | null;
  /** Epoch ms of entry into the present state. */
  readonly since: number;
  /** Epoch ms at which the present backend became ready; null while there is none. */
  readonly readyAt: number | null;
  readonly afterTeardown: AfterTeardown;
  readonly incident: Incident | null;
  /** Processes that exist, or existed when the gateway last wrote; at most `maxLanesPerService` (invariant 10). */
  readonly processes: readonly OwnedProcess[];
  /** null: it never listed any. */
  readonly tools: OfferedTools | null;
  /** Names of tools that restarts did not bring back; a few of them, if they are many. An explicit start forgets them. */
  readonly lostTools: readonly string[];
}

export interface ServiceInput {
  readonly type: ServiceType;
  readonly config: string | null;
  readonly policy: Policy;
  readonly at: number;
}

/** Where a start order came from; kept as the record's cause. */
export type StartCause = 'request' | 'check_status' | 'add' | 'api' | 'declared';

type Told =
  | { type: 'reconfigured'; config: string; serviceType: ServiceType }
  | { type: 'policy changed'; policy: Policy }
  | { type: 'start requested'; by: StartCause }
  | { type: 'restart requested' }
  | { type: 'stop requested' }
  | { type: 'removal requested' }
  | { type: 'gateway restarted'; warmup: 'gated' | 'lazy' }
  | { type: 'divergence found'; reason: string };

type Reported = { generation: number } & (
  | { type: 'start permitted'; timeout?: StartTimeout }
  | { type: 'spawned'; process: SpawnRecord; ran?: Ran }
  | { type: 'start succeeded'; server: string; tookMs?: number }
  | { type: 'start failed'; reason: string }
  | { type: 'probe answered' }
  | { type: 'probe failed'; reason: string; decisive: boolean }
  | { type: 'backend lost'; reason: string; exitCode: number | null; signal: string | null }
  | { type: 'idled out'; idleMs: number }
  | { type: 'tools listed'; hash: string; count: number; lost: readonly string[]; announced: boolean }
  | { type: 'lane spawned'; lane: number; process: SpawnRecord; ran?: Ran }
  | { type: 'lane ended'; lane: number; reason: string }
  | { type: 'teardown finished' }
);

/** What the statechart is told by people and by the gateway, and what its effects report. */
export type ServiceCommand = Told | Reported;

/**
 * An event as the statechart takes it: time and randomness reach the machine only here. `at` is epoch ms; `chance`, in
 * [0, 1), comes with the events that backoff.ts names, and counts as 0 where there is none.
 */
export type ServiceEvent = ServiceCommand & { readonly at: number; readonly chance?: number };
