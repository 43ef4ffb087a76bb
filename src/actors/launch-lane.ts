/** Launching a lane beside a service's first: through the start gate, and its spawn on record before its first use. */
import type { BackendLauncher, Directly, Introduction, Lane } from '../backends/backend.ts';
import type { ServiceConfig } from '../backends/config/service-config.ts';
import type { ServiceCommand } from './machine/model.ts';
import type { LaneNeed } from './services.ts';
import type { SpawnReceipt } from './spawn-receipt.ts';
import type { StartGate } from './start-gate.ts';

/** A need that may ask for a lane beside the first. */
export type ExtraNeed = Exclude<LaneNeed, { readonly kind: 'first' }>;

/** News of a lane beside the first, for the record. */
export type LaneReport = Extract<ServiceCommand, { readonly type: 'lane spawned' | 'lane ended' }>;

/** The start of the service that its lanes belong to. */
export interface ServiceStart {
  readonly generation: number;
  /** What the first lane was started from; a config that came later is for the next start (contract §3). */
  readonly config: ServiceConfig;
  /** See `LaunchRequest`. */
  readonly directly: Directly | null;
  /** Longest silence of the launch, in ms: as for the first lane. */
  readonly startTimeoutMs: number;
}

export interface LaneWorld {
  /** Of the service. */
  readonly id: string;
  readonly launcher: BackendLauncher;
  readonly gate: StartGate;
  report(news: LaneReport): void;
}

export interface LaneOrder {
  readonly start: ServiceStart;
  /** Number of the lane, ≥ 1. */
  readonly lane: number;
  readonly need: ExtraNeed;
  readonly receipt: SpawnReceipt;
  readonly signal: AbortSignal;
}

/** @throws {StartFailure} the launch failed; nothing of it is left then @throws {Error} it was aborted while it waited */
export async function launchLane(world: LaneWorld, order: LaneOrder): Promise<Lane> {
  const { id, gate, launcher } = world;
  const { generation, config, directly, startTimeoutMs } = order.start;
  const { lane, signal } = order;
  const place = `${id}\u0000${lane}`; // no service has such an id
  await permit(gate, place, signal);
  try {
    signal.throwIfAborted();
    return await launcher.launch({
      id,
      generation,
      lane,
      config,
      signal,
      directly,
      introduction: introductionFor(order.need),
      startTimeoutMs,
      onSpawned: (process, ran) => {
        const recorded = order.receipt.wait(signal);
        world.report({ type: 'lane spawned', generation, lane, process, ...(ran !== null && { ran }) });
        return recorded;
      },
    });
  } finally {
    gate.release(place);
  }
}

/** Resolves with a permit that is claimed already. @throws {Error} aborted before */
function permit(gate: StartGate, place: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = () => {
      gate.leave(place);
      reject(new Error('closed before it was started'));
    };
    signal.addEventListener('abort', abandon, { once: true });
    gate.enter(place, true, () => {
      signal.removeEventListener('abort', abandon);
      gate.claim(place);
      resolve();
    });
  });
}

function introductionFor(need: ExtraNeed): Introduction {
  return need.kind === 'modern' ? { era: 'modern' } : { era: 'legacy', ...need.offer };
}
