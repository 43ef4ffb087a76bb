/** Whether the gateway has more to do than it can: told before it dies of it, so that new work can be refused early. */
import { getHeapStatistics } from 'node:v8';
import type { Lag } from '../../metrics/event-loop.ts';

export interface PressureSettings {
  /** Mean lag of the event loop, in ms, over half a second and the next, from which new work is refused; 0: never. */
  readonly maxEventLoopLagMs: number;
  /** Memory of heap and buffers, in bytes, from which new work is refused; 0: never. */
  readonly maxMemoryBytes: number;
}

/** Part of the heap's limit from which new work is refused: at the limit the process ends. */
const HEAP_PART = 0.9;

export interface Memory {
  readonly heapUsed: number;
  /** Buffers outside of the heap. */
  readonly external: number;
}

export class Pressure {
  readonly #settings: PressureSettings;
  readonly #heapLimit: number;
  #reason: string | null = null;
  #wasLate = false;

  constructor(settings: PressureSettings, heapLimit = getHeapStatistics().heap_size_limit) {
    this.#settings = settings;
    this.#heapLimit = heapLimit;
  }

  /** Why new work is refused; null: it is not. */
  get reason(): string | null {
    return this.#reason;
  }

  /**
   * Looks at the last half second. A single stall is no reason, such as one of the disk: its mean is small, or, where it takes
   * all of the half second, that of the next is.
   */
  judge({ meanMs }: Lag, { heapUsed, external }: Memory = memoryNow()): void {
    const { maxEventLoopLagMs, maxMemoryBytes } = this.#settings;
    const isLate = maxEventLoopLagMs > 0 && meanMs > maxEventLoopLagMs;
    const isLateAgain = isLate && this.#wasLate;
    this.#wasLate = isLate;
    if (isLateAgain) this.#reason = `the event loop is ${Math.round(meanMs)} ms late (maxEventLoopLagMs)`;
    else if (maxMemoryBytes > 0 && heapUsed + external > maxMemoryBytes)
      this.#reason = 'memory is short (maxMemoryBytes)';
    else if (heapUsed > this.#heapLimit * HEAP_PART)
      this.#reason = 'memory is short (the heap is nearly full)';
    else this.#reason = null;
  }
}

/** As V8 counts it. `process.memoryUsage` opens a file besides, which fails when there are no descriptors left. */
function memoryNow(): Memory {
  const { used_heap_size: heapUsed, external_memory: external } = getHeapStatistics();
  return { heapUsed, external };
}
