/**
 * How services that run are doing: who uses them, and what their process trees take. Measured only while somebody asks,
 * and once for all who do.
 */
import type { Clock } from '../backends/clock.ts';
import type { ReadTrees, TreeUsage } from '../backends/stdio/tree-usage.ts';
import type { ServiceHandle } from './handle.ts';
import { type Traffic, trafficOf } from './inspector.ts';
import type { LiveServices } from './live.ts';

export interface ServiceVitals extends Traffic {
  readonly id: string;
  /** Process of its first lane; null when there is none. */
  readonly pid: number | null;
  /** Resident memory of all its processes; null: it has none here, or the system does not tell. */
  readonly rssBytes: number | null;
  /** Of one core, since the last measurement; null: there was none of late. */
  readonly cpuPercent: number | null;
}

export interface Vitals {
  /** Epoch ms. */
  readonly at: number;
  readonly services: readonly ServiceVitals[];
}

export interface VitalsMeterOptions {
  readonly live: Pick<LiveServices, 'values' | 'find'>;
  readonly clock: Clock;
  /** null: the system does not tell of processes. */
  readonly readTrees: ReadTrees | null;
  onFault(error: unknown): void;
}

/** Time from one measurement to the next, in ms. */
const MEASURE_EVERY_MS = 2_000;
/** A measurement that is older says nothing of what a process takes now. */
const LONGEST_SPAN_MS = 5 * MEASURE_EVERY_MS;
/** In the place of a timer while a round is under way. */
const MEASURING = Symbol('measuring');

export class VitalsMeter {
  readonly #options: VitalsMeterOptions;
  readonly #followers = new Set<(vitals: Vitals) => void>();
  /** Processor time at the last measurement, by service and process. */
  #cpuMs = new Map<string, ReadonlyMap<string, number>>();
  #last: Vitals | null = null;
  #measuring: Promise<Vitals> | null = null;
  /** Of the next round; null: there is none. */
  #timer: unknown = null;

  constructor(options: VitalsMeterOptions) {
    this.#options = options;
  }

  /** Tells `follower` of every measurement, the first one at once, until the returned call. */
  follow(follower: (vitals: Vitals) => void): () => void {
    this.#followers.add(follower);
    if (this.#timer === null) this.#round();
    else if (this.#last !== null) follower(this.#last);
    return () => {
      this.#followers.delete(follower);
      if (this.#followers.size > 0 || this.#timer === null || this.#timer === MEASURING) return;
      this.#options.clock.clearTimeout(this.#timer);
      this.#timer = null;
    };
  }

  /** Those of one service, by the last measurement if that is recent and knows it as it is; null: it does not run. */
  async of(id: string): Promise<{ readonly at: number; readonly own: ServiceVitals } | null> {
    const { live, clock } = this.#options;
    const handle = live.find(id);
    if (handle === undefined || !runs(handle)) return null;
    const last = this.#last;
    const known = last?.services.find(each => each.id === id && each.pid === pidOf(handle));
    if (last !== null && known !== undefined && clock.now() - last.at < MEASURE_EVERY_MS)
      return { at: last.at, own: known };
    const { at, services } = await this.#measure();
    const own = services.find(each => each.id === id);
    return own === undefined ? null : { at, own };
  }

  /** The last measurement if it is recent, else a new one. Never rejects. */
  async latest(): Promise<Vitals> {
    const last = this.#last;
    const isRecent = last !== null && this.#options.clock.now() - last.at < MEASURE_EVERY_MS;
    return isRecent ? last : this.#measure();
  }

  #round(): void {
    this.#timer = MEASURING;
    void this.#measure().then(vitals => {
      for (const follower of this.#followers) follower(vitals);
      const goesOn = this.#followers.size > 0;
      this.#timer = goesOn ? this.#options.clock.setTimeout(() => this.#round(), MEASURE_EVERY_MS) : null;
    });
  }

  /** One at a time, shared by all who ask meanwhile. Never rejects. */
  #measure(): Promise<Vitals> {
    this.#measuring ??= this.#look().finally(() => {
      this.#measuring = null;
    });
    return this.#measuring;
  }

  async #look(): Promise<Vitals> {
    const running = [...this.#options.live.values()].filter(runs);
    const trees = await this.#trees(running);
    const at = this.#options.clock.now();
    const elapsedMs = this.#last === null ? 0 : at - this.#last.at;
    const before = this.#cpuMs;
    this.#cpuMs = new Map();
    const services = running.map(handle => {
      const { id } = handle;
      const pids = handle.state.context.processes.map(({ pid }) => pid);
      const usage = sum(pids.flatMap(pid => trees.get(pid) ?? []));
      if (usage !== null) this.#cpuMs.set(id, usage.cpuMs);
      return {
        id,
        ...trafficOf(handle),
        pid: pidOf(handle),
        rssBytes: usage?.rssBytes ?? null,
        cpuPercent: usage && percent(usage.cpuMs, before.get(id), elapsedMs),
      };
    });
    this.#last = { at, services };
    return this.#last;
  }

  /** Empty when the system cannot tell, or not now. */
  async #trees(running: readonly ServiceHandle[]): Promise<ReadonlyMap<number, TreeUsage>> {
    const roots = running.flatMap(({ state }) => state.context.processes);
    if (this.#options.readTrees === null || roots.length === 0) return new Map();
    try {
      return await this.#options.readTrees(roots);
    } catch (error) {
      this.#options.onFault(error);
      return new Map();
    }
  }
}

/** It has a backend, a process, or somebody who waits for one. */
const runs = ({ slot, state, door }: ServiceHandle) =>
  slot.lane !== null || state.context.processes.length > 0 || door.held > 0;

const pidOf = ({ slot, state }: ServiceHandle) =>
  slot.lane?.spawned?.pid ?? state.context.processes[0]?.pid ?? null;

/** All lanes of a service together; null when none has a process. */
function sum(trees: readonly TreeUsage[]): TreeUsage | null {
  if (trees.length === 0) return null;
  return {
    rssBytes: trees.reduce((bytes, tree) => bytes + tree.rssBytes, 0),
    cpuMs: new Map(trees.flatMap(({ cpuMs }) => [...cpuMs])),
  };
}

/** What processes that were there before took since, and all that newer ones took; in tenths. */
function percent(
  now: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number> | undefined,
  elapsedMs: number,
): number | null {
  if (before === undefined || elapsedMs <= 0 || elapsedMs > LONGEST_SPAN_MS) return null;
  let tookMs = 0;
  for (const [process, cpuMs] of now) tookMs += cpuMs - (before.get(process) ?? 0);
  return Math.round((tookMs / elapsedMs) * 1000) / 10;
}
