/**
 * The lanes of one service beside its first: one for each session that needs its own, and one for the modern era where
 * the first lane does not speak it (protocol.md, "lanes"). They belong to one start of the service and end with it; the
 * service's state is that of its first lane alone.
 */
import type { Lane } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import { ExtraLane, type ExtraLaneSettings } from './extra-lane.ts';
import { placeFor, requireRoomToWait } from './lane-bounds.ts';
import { LanePatience, type PatienceSettings } from './lane-patience.ts';
import { type ExtraNeed, type LaneWorld, launchLane, type ServiceStart } from './launch-lane.ts';
import { Refusal } from './refusal.ts';
import type { ClientOffer, Demand, LaneNeed } from './services.ts';

export interface LaneSettings extends ExtraLaneSettings, PatienceSettings {
  /** Backend connections of one service, its first included; past it 0009. */
  readonly maxLanesPerService: number;
  /** How long a request waits for the launch of its lane, in ms, unless it says otherwise. */
  readonly pendingWaitMs: number;
}

export interface LanePoolOptions extends LaneWorld {
  readonly clock: Clock;
  readonly settings: LaneSettings;
}

/** Session ids are visible ASCII, so this is none. */
const MODERN = '\u0000modern';
const RETRY_MS = 1000;

export class LanePool {
  readonly #options: LanePoolOptions;
  /** Those that serve or are being launched, by session id. */
  readonly #lanes = new Map<string, ExtraLane>();
  /** All of which something may be left, oldest first. */
  readonly #existing = new Set<ExtraLane>();
  readonly #patience: LanePatience;
  #start: ServiceStart | null = null;
  #lastNumber = 0;
  #lastUsedAt = 0;
  /** What modern requests are told once the backend turned out not to speak that era. */
  #notModern: Refusal | null = null;
  #closed: Refusal | null = null;

  constructor(options: LanePoolOptions) {
    this.#options = options;
    this.#patience = new LanePatience(options.clock, options.settings);
  }

  /** Nothing of any lane is left. */
  get empty(): boolean {
    return this.#existing.size === 0;
  }

  /** As `Lane.load`, of all lanes here. */
  get load(): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += lane.load;
    return sum;
  }

  /** As `Lane.lastUsedAt`, of all lanes that are or were here. */
  get lastUsedAt(): number {
    let last = this.#lastUsedAt;
    for (const { lane } of this.#lanes.values()) last = Math.max(last, lane?.lastUsedAt ?? 0);
    return last;
  }

  /** Requests that wait for the launch of a lane. */
  get held(): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += lane.held;
    return sum;
  }

  /** Those that serve, and for whom. */
  *serving(): Generator<{ readonly number: number; readonly kind: ExtraNeed['kind']; readonly lane: Lane }> {
    for (const { number, key, lane } of this.#lanes.values())
      if (lane !== null) yield { number, kind: key === MODERN ? 'modern' : 'session', lane };
  }

  /** The first lane is being started; from its success on, others may be launched beside it. */
  open(start: ServiceStart): void {
    this.#start = start;
    this.#patience.reset();
    this.#notModern = null;
  }

  /** The lane for a need; null when it has to be launched. On the way of every request, so it allocates nothing. */
  find(need: LaneNeed, first: Lane): Lane | null {
    if (need.kind === 'first' || first.handshake.era === 'modern') return first;
    if (need.kind === 'modern') return this.#lanes.get(MODERN)?.lane ?? null;
    return this.#isApart(need.offer) ? (this.#lanes.get(need.sessionId)?.lane ?? null) : first;
  }

  /**
   * The lane for a need that `find` has none for, once it is launched; who needs the same shares the launch, which goes
   * on when nobody waits any more.
   * @throws {Refusal} 0003 it still starts; 0005 it failed, with `unspoken` modern if that is why; 0009 a bound is reached;
   * 0002 too many launches for such a client failed in a row
   */
  launch(need: ExtraNeed, demand: Demand): Promise<Lane> {
    if (this.#closed !== null) throw this.#closed;
    const { settings, clock } = this.#options;
    const key = need.kind === 'modern' ? MODERN : need.sessionId;
    if (key === MODERN && this.#notModern !== null) throw this.#notModern;
    requireRoomToWait(this.#lanes.values(), settings.maxHeldRequests);
    const lane = this.#lanes.get(key) ?? this.#begin(key, need);
    this.#lastUsedAt = clock.now();
    return lane.hold(demand, demand.waitMs ?? settings.pendingWaitMs);
  }

  /** The session is over, and its lane with it. */
  release(sessionId: string): void {
    this.#lanes.get(sessionId)?.end('the session has ended');
  }

  /** The lane does not answer. Nothing happens when it is none of these. */
  lose(lane: Lane, reason: string): void {
    for (const extra of this.#lanes.values()) if (extra.lane === lane) extra.end(reason);
  }

  /** The lane's spawn is on record: it may be used (invariant 7). */
  confirmSpawn(number: number): void {
    this.#numbered(number)?.receipt.confirm();
  }

  /** The lane's spawn could not be recorded: its launch fails. */
  refuseSpawn(number: number, error: Error): void {
    this.#numbered(number)?.receipt.refuse(error);
  }

  /** Refuses all that wait, and all that would: the gateway stops. */
  refuseAll(reason: Refusal): void {
    this.#closed = reason;
    for (const lane of this.#lanes.values()) lane.refuse(reason);
  }

  /** Ends all lanes, with the start they belong to. Resolves when nothing of them is left; never rejects. */
  close(): Promise<void> {
    this.#start = null;
    for (const lane of [...this.#lanes.values()]) lane.end('the service was stopped');
    return Promise.all([...this.#existing].map(({ gone }) => gone)).then(() => {});
  }

  /** By `isolation`; for `auto`, by whether a backend may want to ask this client something. */
  #isApart({ capabilities }: ClientOffer): boolean {
    const isolation = this.#start?.config.isolation;
    if (isolation === 'shared' || isolation === 'session') return isolation === 'session';
    return (
      Object.hasOwn(capabilities, 'sampling') ||
      Object.hasOwn(capabilities, 'elicitation') ||
      Object.hasOwn(capabilities, 'roots')
    );
  }

  #begin(key: string, need: ExtraNeed): ExtraLane {
    const start = this.#start;
    if (start === null) throw new Refusal('0005', 'the service was stopped', RETRY_MS);
    this.#patience.require(need);
    const { settings, clock } = this.#options;
    const after = placeFor(key, this.#existing, settings.maxLanesPerService, clock.now());
    const number = ++this.#lastNumber;
    const lane = new ExtraLane({
      ...this.#options,
      number,
      key,
      after,
      launch: async (signal, receipt) => {
        const launched = await launchLane(this.#options, { start, lane: number, need, receipt, signal });
        this.#patience.succeeded(need);
        return launched;
      },
      onOver: (over, failure) => this.#over(over, need, failure),
      onGone: (gone, reason) => this.#gone(gone, start.generation, reason),
    });
    this.#lanes.set(key, lane);
    this.#existing.add(lane);
    return lane;
  }

  #over(lane: ExtraLane, need: ExtraNeed, failure: Refusal | null): void {
    if (this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key);
    this.#lastUsedAt = this.#options.clock.now();
    if (failure === null) return;
    if (lane.key === MODERN && failure.unspoken === 'modern') {
      this.#notModern = failure;
      return;
    }
    this.#patience.failed(need, failure.reason);
  }

  #gone(lane: ExtraLane, generation: number, reason: string): void {
    this.#existing.delete(lane);
    if (!lane.receipt.confirmed) return;
    this.#options.report({ type: 'lane ended', generation, lane: lane.number, reason });
  }

  #numbered(number: number): ExtraLane | undefined {
    return [...this.#existing].find(lane => lane.number === number);
  }
}
