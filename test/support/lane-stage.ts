/** A service's lane pool on a simulated clock, over backends that a test steers by hand. */
import { SimulatedClock } from 'xstate';
import { LanePool, type LaneSettings } from '../../src/actors/lane-pool.ts';
import type { ExtraNeed, LaneReport } from '../../src/actors/launch-lane.ts';
import type { Refusal } from '../../src/actors/refusal.ts';
import type { Demand } from '../../src/actors/services.ts';
import { StartGate } from '../../src/actors/start-gate.ts';
import type { Lane } from '../../src/backends/backend.ts';
import type { ServiceConfig } from '../../src/backends/config/service-config.ts';
import { demand, order, outcome, turn } from './actors-fixtures.ts';
import { StageLane, StageStart } from './stage-backends.ts';

export const laneSettings: LaneSettings = {
  maxLanesPerService: 4,
  laneIdleMs: 60_000,
  pendingWaitMs: 20_000,
  maxHeldRequests: 5,
  probeIntervalMs: 20_000,
  probeTimeoutMs: 1000,
  probeFailures: 2,
  maxStartFailures: 2,
  restartCooldownMaxMs: 8000,
};

/** What a client says of itself that a backend may ask for its text, or for nothing. */
const offer = (capabilities: ExtraOffer) => ({
  protocolVersion: '2025-06-18',
  capabilities,
  clientInfo: { name: 'test', version: '1' },
});
type ExtraOffer = Readonly<Record<string, Record<string, never>>>;

export const sessionNeed = (sessionId: string, capabilities: ExtraOffer = { sampling: {} }): ExtraNeed => ({
  kind: 'session',
  sessionId,
  offer: offer(capabilities),
});
export const MODERN: ExtraNeed = { kind: 'modern' };

export class LaneStage {
  readonly clock = new SimulatedClock();
  readonly gate: StartGate;
  readonly starts: StageStart[] = [];
  readonly reports: LaneReport[] = [];
  readonly first = new StageLane(1, null, 0);
  readonly pool: LanePool;
  /** False: what is reported cannot be written. */
  writes = true;

  constructor({ permits = 50, ...changes }: Partial<LaneSettings> & { readonly permits?: number } = {}) {
    this.gate = new StartGate(permits);
    this.pool = new LanePool({
      id: 'tools',
      gate: this.gate,
      clock: this.clock,
      settings: { ...laneSettings, ...changes },
      launcher: { launch: request => this.#launch(request) },
      report: news => this.#record(news),
    });
    this.open('auto');
  }

  open(isolation: ServiceConfig['isolation'], generation = 1): void {
    this.pool.open({
      generation,
      config: { ...order('OneShot').config, isolation },
      directly: null,
      startTimeoutMs: 10_000,
    });
  }

  launch(need: ExtraNeed, changes: Partial<Demand> = {}): Promise<Lane | Refusal> {
    return outcome(() => this.pool.launch(need, demand(changes)));
  }

  /** The start of this number, oldest first, once it was ordered. */
  async start(number = 0): Promise<StageStart> {
    await turn();
    const start = this.starts[number];
    if (start === undefined) throw new Error(`only ${this.starts.length} starts were made`);
    return start;
  }

  /** A lane that serves the need, its process on record. */
  async serving(need: ExtraNeed): Promise<StageLane> {
    const number = this.starts.length;
    const launched = this.launch(need);
    const start = await this.start(number);
    await start.spawn(200 + number);
    const lane = start.succeed();
    await launched;
    return lane;
  }

  find(need: ExtraNeed): Lane | null {
    return this.pool.find(need, this.first);
  }

  async pass(ms: number): Promise<void> {
    this.clock.increment(ms);
    await turn();
  }

  #launch(request: StageStart['request']): Promise<Lane> {
    const start = new StageStart(request, this.clock);
    this.starts.push(start);
    return start.lane;
  }

  #record(news: LaneReport): void {
    this.reports.push(news);
    if (news.type !== 'lane spawned') return;
    if (this.writes) this.pool.confirmSpawn(news.lane);
    else this.pool.refuseSpawn(news.lane, new Error('no space left'));
  }
}
