/** Services that are woken, started, lost, restarted and let go again over a log, as fast as it goes. */
import { Refusal } from '../../src/actors/refusal.ts';
import { Registry } from '../../src/actors/registry.ts';
import type { ServiceSnapshot } from '../../src/actors/replay.ts';
import type { ServiceType } from '../../src/actors/services.ts';
import { StartGate } from '../../src/actors/start-gate.ts';
import { isAtRest } from '../../src/actors/status.ts';
import type { Lane } from '../../src/backends/backend.ts';
import type { Clock } from '../../src/backends/clock.ts';
import { parseServiceConfig } from '../../src/backends/config/parse-config.ts';
import type { EventLog } from '../../src/store/event-log.ts';
import { InProcessOwnership } from '../../src/store/in-process-ownership.ts';
import { demand, settings } from '../../test/support/actors-fixtures.ts';
import { tinyServer } from '../../test/support/http-client.ts';
import { InstantLane, instantBackends } from './instant-backends.ts';

const PERMITS = 8;
/** After a failed start, in ms. */
const COOLDOWN_MS = 20;
/** Turns of the event loop after which a service that is at rest is let go. */
const TURNS = 10;

interface Waiting {
  readonly state: (state: ServiceSnapshot) => boolean;
  readonly reached: () => void;
}

const isCoolingDown = ({ value }: ServiceSnapshot) => value === 'CoolingDown';
const isReady = (state: ServiceSnapshot) => state.matches('Ready');

export class SoakedServices {
  readonly #registry: Registry;
  readonly #gate = new StartGate(PERMITS);
  readonly #config = parseServiceConfig({ ...tinyServer(), env: {} });
  readonly #waiting = new Map<string, Waiting>();
  /** Those whose next start fails. */
  readonly #failing = new Set<string>();
  #transitions = 0;

  constructor(log: EventLog, clock: Clock) {
    this.#registry = new Registry({
      log,
      clock,
      gate: this.#gate,
      chance: Math.random,
      ownership: new InProcessOwnership(),
      owner: 'soak',
      settings: { ...settings, policy: { ...settings.policy, cooldownMs: COOLDOWN_MS } },
      newId: () => 'none',
      launcher: instantBackends(({ id }) => this.#failing.delete(id)),
    });
    this.#registry.live.events.on('transition', ({ id, to }) => {
      this.#transitions++;
      const waiting = this.#waiting.get(id);
      if (waiting?.state(to) !== true) return;
      this.#waiting.delete(id);
      waiting.reached();
    });
  }

  /** Transitions on record so far. */
  get transitions(): number {
    return this.#transitions;
  }

  get actors(): number {
    return this.#registry.live.size;
  }

  get permits(): number {
    return this.#gate.inUse;
  }

  /** From rest to rest: a OneShot starts and is lost; a Persistent fails, cools down, starts by itself and is stopped. */
  async live(id: string, type: ServiceType): Promise<void> {
    if (type === 'OneShot') {
      const lane = await this.#start(id, type);
      if (!(lane instanceof InstantLane)) throw lane;
      const over = this.#reaches(id, isAtRest);
      lane.lose();
      return over;
    }
    this.#failing.add(id);
    const coolingDown = this.#reaches(id, isCoolingDown);
    await this.#start(id, type);
    await coolingDown;
    await this.#reaches(id, isReady);
    const over = this.#reaches(id, isAtRest);
    void this.#registry.request(id, 'stop requested');
    return over;
  }

  /** Resolves when those at rest are let go. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise(resolve => setImmediate(resolve));
  }

  async #start(id: string, type: ServiceType): Promise<Lane | Refusal> {
    try {
      return await this.#registry.admit(id, demand({ order: { config: this.#config, type } }));
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }

  #reaches(id: string, state: Waiting['state']): Promise<void> {
    return new Promise(reached => this.#waiting.set(id, { state, reached }));
  }
}
