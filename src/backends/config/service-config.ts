/** One service's config in its normal form (contract §4), whatever form it arrived in. */
export interface StdioConfig {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
  /** Absent: none of its own. */
  readonly limits?: Limits;
}

/** What one backend may use; null: no limit of that kind. */
export interface Limits {
  /** Most memory, in bytes: of the whole tree with a cgroup, else private memory of each process. */
  readonly memoryBytes: number | null;
  /** Most CPU time per time, in percent of one core, of the whole tree. Needs a cgroup. */
  readonly cpuPercent: number | null;
  /** Most CPU time in all, in seconds, of each process. */
  readonly cpuSeconds: number | null;
  /** Most open files of each process. */
  readonly openFiles: number | null;
}

export interface RemoteConfig {
  readonly kind: 'remote';
  readonly url: string;
  readonly transport: 'sse' | 'streamable-http' | 'detect';
  readonly headers: Readonly<Record<string, string>>;
  /** Whole-request timeout of the remote in ms; null: the service's request timeout. */
  readonly timeoutMs: number | null;
  readonly connectTimeoutMs: number | null;
  readonly maxRetries: number | null;
  readonly retryMinBackoffMs: number | null;
  readonly retryMaxBackoffMs: number | null;
}

export interface CommonConfig {
  /** The name under `mcpServers`, when there was one. */
  readonly name: string | null;
  readonly tools: { readonly allow: readonly string[] | null; readonly deny: readonly string[] };
  readonly isolation: 'auto' | 'shared' | 'session';
  readonly startTimeoutMs: number | null;
  readonly requestTimeoutMs: number | null;
  readonly idleTimeoutMs: number | null;
}

export type ServiceConfig = (StdioConfig | RemoteConfig) & CommonConfig;
