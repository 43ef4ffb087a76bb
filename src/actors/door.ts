import type { Lane } from '../backends/backend.ts';
import { type Clock, steadyTime } from '../backends/clock.ts';
import { messageOf } from '../message-of.ts';
import { HoldQueue } from './hold.ts';
import type { LanePool } from './lane-pool.ts';
import type { Answer } from './machine/admission.ts';
import type { ServiceCommand } from './machine/model.ts';
import { Refusal } from './refusal.ts';
import type { ServiceSnapshot } from './replay.ts';
import type { Demand, LaneNeed } from './services.ts';
import type { BackendSlot } from './slot.ts';
import { admissionOf, refusalOf, retryAfterMs } from './status.ts';

export interface DoorSettings {
  /** How long a request is held by default, in ms. */
  readonly pendingWaitMs: number;
  /** Most requests held at once for one service. */
  readonly maxHeldRequests: number;
  /** Silence after which a lane is asked for a sign of life before it is used, in ms. */
  readonly healthTtlMs: number;
  readonly probeTimeoutMs: number;
}

export interface DoorOptions {
  readonly id: string;
  readonly slot: BackendSlot;
  /** The service's lanes beside the one in its slot. */
  readonly lanes: LanePool;
  readonly clock: Clock;
  readonly settings: DoorSettings;
  readonly state: ServiceSnapshot;
  /** Tells the actor. @throws {Refusal} when it cannot be written */
  tell(command: ServiceCommand): void;
  /** A request now waits for this service. */
  onAwaited(id: string): void;
  /** Whether there is a config to start from. */
  hasConfig(): boolean;
  /**
   * Loses the first lane because it is silent, unless it has spoken or been used meanwhile. Settles when that is on record.
   * @throws {Refusal} synchronously or by rejection: it cannot be written
   */
  lose(id: string, silence: Silence): void | Promise<void>;
  /** Admits a request anew: the service may have been let go since it came. */
  readmit(id: string, demand: Demand, need: LaneNeed): Lane | Promise<Lane>;
}

/** A probe before use that failed. */
export type Silence = Extract<ServiceCommand, { readonly type: 'probe failed' }>;

/** An answer that depends on nothing any more. */
type SettledAnswer = Exclude<Answer, { readonly do: 'recover' }>;

/** The door of one service: every data request is forwarded, held or refused by its state's answer (contract §5). */
export class ServiceDoor {
  readonly #options: DoorOptions;
  readonly #hold: HoldQueue;
  #state: ServiceSnapshot;
  #forwarding = false;
  /** Lanes that are being asked for a sign of life. */
  readonly #probing = new Map<Lane, Promise<void>>();
  #closed: Refusal | null = null;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#hold = new HoldQueue(options.clock, options.settings.maxHeldRequests, () => this.#expired());
  }

  /** Requests that wait for a start. */
  get held(): number {
    return this.#hold.size;
  }

  /** The fast way: the lane, when the state forwards, the lane is there and showed life of late; else null. */
  serving(now: number, need: LaneNeed): Lane | null {
    const lane = this.#laneFor(need);
    if (lane === null) return null;
    const silentMs = now - lane.lastSignOfLifeAt;
    // Less than none: the time of day was set back, and nothing is known of the silence.
    return silentMs >= 0 && silentMs <= this.#options.settings.healthTtlMs ? lane : null;
  }

  /**
   * Admits one request, which has asked for its start if it needs one, by the answer of the present state.
   * @param arrivedAt epoch ms; a log that is slow to write does not prolong the wait (invariant 3)
   * @throws {Refusal}
   */
  admit(demand: Demand, need: LaneNeed, arrivedAt: number): Lane | Promise<Lane> {
    if (this.#closed !== null) throw this.#closed;
    const row = admissionOf(this.#state);
    const answer = this.#settled(
      (demand.order === null ? row.plain : row.explicit)[this.#state.context.type],
    );
    switch (answer.do) {
      case 'forward':
        return this.serving(this.#options.clock.now(), need) ?? this.#forwardLater(demand, need);
      case 'start':
      case 'hold':
        return this.#wait(demand, need, arrivedAt);
      case 'wait':
        if (demand.waitMs === null || demand.waitMs < this.#dueInMs()) throw this.#refusal(answer.code);
        return this.#wait(demand, need, arrivedAt);
      case 'refuse':
        throw this.#refusal(answer.code);
    }
  }

  /** A new state is durable: held requests get their answers, or go on waiting. */
  enter(state: ServiceSnapshot): void {
    this.#state = state;
    const { plain, held } = admissionOf(state);
    const failedStart = state.context.incident?.kind === 'start';
    const answer = held ? held[failedStart ? 'afterFailedStart' : 'otherwise'] : plain[state.context.type];
    this.#forwarding = answer.do === 'forward';
    if (this.#hold.size > 0) this.#review(this.#settled(answer));
  }

  /** Refuses all that wait, and all that would: the gateway stops. */
  close(reason: Refusal): void {
    this.#closed = reason;
    this.#hold.review(() => reason);
    this.#options.lanes.refuseAll(reason);
  }

  #settled(answer: Answer): SettledAnswer {
    if (answer.do !== 'recover') return answer;
    return this.#options.hasConfig() ? { do: 'hold' } : { do: 'refuse', code: answer.code };
  }

  #review(answer: SettledAnswer): void {
    if (answer.do === 'start') this.#options.tell({ type: 'start requested', by: 'request' });
    if (answer.do === 'start' || answer.do === 'hold') return;
    const { slot, clock } = this.#options;
    const dueAt = clock.now() + this.#dueInMs();
    this.#hold.review((demand, deadline) => {
      if (answer.do === 'forward') return slot.lane;
      const willing = answer.do === 'wait' && demand.waitMs !== null && deadline >= dueAt;
      return willing ? null : this.#refusal(answer.code);
    });
  }

  /** Holds a request for the start; who needs another lane than the first waits on for that one. */
  #wait(demand: Demand, need: LaneNeed, arrivedAt: number): Promise<Lane> {
    const { settings, id, clock, onAwaited } = this.#options;
    const waitedMs = Math.max(0, clock.now() - arrivedAt);
    const leftMs = (demand.waitMs ?? settings.pendingWaitMs) - waitedMs;
    const now = steadyTime(clock);
    const deadline = now() + leftMs;
    const waiting = this.#hold.hold(demand, leftMs);
    onAwaited(id);
    if (need.kind === 'first') return waiting;
    return waiting.then(() => {
      const left = { order: null, waitMs: deadline - now(), signal: demand.signal };
      return this.#laneFor(need) ?? this.#launch(left, need);
    });
  }

  /** The lane that serves a need now; null when there is none. */
  #laneFor(need: LaneNeed): Lane | null {
    const { slot, lanes } = this.#options;
    return this.#forwarding && slot.lane !== null ? lanes.find(need, slot.lane) : null;
  }

  #forwardLater(demand: Demand, need: LaneNeed): Promise<Lane> {
    const lane = this.#laneFor(need);
    return lane === null ? this.#launch(demand, need) : this.#probeFirst(lane, demand, need);
  }

  #launch(demand: Demand, need: LaneNeed): Promise<Lane> {
    const { slot, lanes } = this.#options;
    const lost = !this.#forwarding || slot.lane === null || need.kind === 'first';
    if (lost) throw new Refusal('0005', 'the backend was lost', 1000);
    return lanes.launch(need, demand);
  }

  /**
   * No sign of life for `healthTtlMs`: one probe serves all who wait. Its failure loses the backend at once,
   * unless calls are in flight: a backend that is busy with them is left to the regular probes.
   */
  async #probeFirst(lane: Lane, demand: Demand, need: LaneNeed): Promise<Lane> {
    const { id, readmit } = this.#options;
    const probing = this.#probing.get(lane) ?? this.#probe(lane).finally(() => this.#probing.delete(lane));
    this.#probing.set(lane, probing);
    await probing;
    return this.#laneFor(need) === lane ? lane : readmit(id, demand, need);
  }

  async #probe(lane: Lane): Promise<void> {
    const { id, settings, slot, lanes, lose } = this.#options;
    try {
      await lane.probe(settings.probeTimeoutMs);
    } catch (error) {
      if (lane.load > 0) return;
      const reason = messageOf(error);
      const { generation } = lane;
      if (slot.lane === lane) await lose(id, { type: 'probe failed', generation, reason, decisive: true });
      else lanes.lose(lane, reason);
    }
  }

  #dueInMs(): number {
    return retryAfterMs(this.#state, this.#options.clock.now()) ?? 0;
  }

  #refusal(code: Refusal['code']): Refusal {
    return refusalOf(code, this.#options.id, this.#state, this.#options.clock.now());
  }

  #expired(): Refusal {
    const answer = admissionOf(this.#state).plain[this.#state.context.type];
    return this.#refusal(answer.do === 'wait' ? answer.code : '0003');
  }
}
