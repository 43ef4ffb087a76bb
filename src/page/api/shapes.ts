/** What the API answers, as far as the page reads it (docs: /openapi.json). */

export type ServiceType = 'OneShot' | 'Persistent';
export const SERVICE_TYPES: readonly ServiceType[] = ['OneShot', 'Persistent'];

export interface Service {
  readonly id: string;
  readonly type: ServiceType;
  /** Full path of the state. */
  readonly state: string;
  /** RFC 3339. */
  readonly since: string;
  readonly why: string;
  readonly next: { readonly what: string; readonly at: string | null } | null;
  readonly restarts: number;
  readonly failures: number;
  readonly sessions: number;
  readonly inFlight: number;
  readonly held: number;
  readonly pid: number | null;
  readonly server: { readonly name: string; readonly version: string } | null;
  readonly backend: Readonly<Record<string, unknown>> | null;
  readonly nextType: ServiceType | null;
}

export interface LaneView {
  readonly lane: number;
  readonly pid: number | null;
  readonly era: string;
  readonly sessions: number;
  readonly inFlight: number;
}

export interface Tool {
  readonly name: string;
  readonly description?: string | null;
}

/** `GET /services/{id}`. */
export interface ServiceDetail extends Service {
  readonly lanes?: readonly LaneView[];
  readonly tools?: readonly Tool[] | null;
  readonly stderr?: readonly string[];
  readonly vitals?: Vitals | null;
}

/** What a running service uses; processes and bytes are those of its whole tree. */
export interface Vitals {
  readonly id: string;
  readonly sessions: number;
  readonly inFlight: number;
  readonly held: number;
  readonly pid: number | null;
  readonly rssBytes: number | null;
  readonly cpuPercent: number | null;
}

export interface VitalsReport {
  readonly at: string;
  /** Those that run. */
  readonly services: readonly Vitals[];
}

export interface EventRecord {
  readonly seq: number;
  readonly id: string;
  readonly n: number;
  readonly at: string;
  readonly event: { readonly type: string; readonly [detail: string]: unknown };
  /** Path of the state it led to. */
  readonly to: string;
  readonly cause: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** `GET /services/{id}/state?at=`. */
export interface PastState {
  readonly seq: number;
  readonly at: string;
  readonly state: string;
  readonly since: string;
  readonly type: ServiceType;
  readonly context: Readonly<Record<string, unknown>>;
}

export interface ChartNode {
  readonly path: string;
  readonly parent: string | null;
  readonly description: string | null;
  readonly final: boolean;
  readonly tags: readonly string[];
}

export interface ChartArrow {
  readonly from: string;
  readonly to: string;
  readonly events: readonly string[];
}

/** A state of the machine as its JSON has it. */
export interface MachineState {
  readonly on?: Readonly<Record<string, unknown>>;
  readonly states?: Readonly<Record<string, MachineState>>;
}

/** `GET /statechart?type=`. */
export interface Statechart {
  readonly type: ServiceType;
  readonly machine: MachineState;
  readonly nodes: readonly ChartNode[];
  readonly arrows: readonly ChartArrow[];
}
