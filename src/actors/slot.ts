import type { Lane } from '../backends/backend.ts';
import { SpawnReceipt } from './spawn-receipt.ts';

const CLOSED = 'closed while it started';

interface Launch {
  readonly abort: AbortController;
  readonly done: Promise<Lane>;
}

/** What else belongs to the backend and ends with it. */
interface Companions {
  readonly empty: boolean;
  /** Resolves when nothing of them is left; never rejects. */
  close(): Promise<void>;
}

/**
 * The place of one service's backend: at most one start, lane or teardown at a time (invariants 1 and 2). A start
 * begins only when everything of the earlier backend is gone.
 */
export class BackendSlot {
  #lane: Lane | null = null;
  #launch: Launch | null = null;
  #ending: Promise<void> | null = null;
  #receipt = new SpawnReceipt();
  /** The last lines of stderr of the newest backend, whether it runs or not. */
  stderrTail: () => readonly string[] = () => [];
  readonly #companions: Companions | null;

  /** @param companions the service's other lanes: they are part of what has to be gone before a start begins */
  constructor(companions: Companions | null = null) {
    this.#companions = companions;
  }

  /** The lane that serves; null while there is none. */
  get lane(): Lane | null {
    return this.#lane;
  }

  /** Resolves when the teardowns under way are over. */
  get ended(): Promise<void> {
    return this.#ending ?? Promise.resolve();
  }

  /** Nothing runs, starts or ends here. */
  get empty(): boolean {
    const alone = this.#companions === null || this.#companions.empty;
    return alone && this.#lane === null && this.#launch === null && this.#ending === null;
  }

  /**
   * Waits for the end of the earlier backend, then launches. `launch` is given a signal that `close` aborts.
   * @throws whatever `launch` throws, or an Error when closed meanwhile; nothing is left running then
   */
  async start(launch: (signal: AbortSignal) => Promise<Lane>): Promise<Lane> {
    const abort = new AbortController();
    const mine = { abort, done: afterEnd(this.#ending, launch, abort.signal) };
    this.#launch = mine;
    try {
      const lane = await mine.done;
      if (this.#launch !== mine) throw new Error(CLOSED);
      this.#lane = lane;
      return lane;
    } finally {
      if (this.#launch === mine) this.#launch = null;
      this.#receipt = new SpawnReceipt();
    }
  }

  /** An earlier life's processes are still being ended: no start begins before they are gone (invariant 2). */
  awaitLeftovers(ended: Promise<void>): void {
    void this.#occupy(Promise.all([this.#ending, ended]).then(() => {}));
  }

  /** Resolves when the spawn that is being reported is on record. @throws {Error} when it cannot be, or the start is aborted */
  awaitSpawnRecord(signal: AbortSignal): Promise<void> {
    return this.#receipt.wait(signal);
  }

  /** The spawn is on record: the start may use its process (invariant 7). */
  confirmSpawn(): void {
    this.#receipt.confirm();
  }

  /** The spawn could not be recorded: the start fails and its process is ended. */
  rejectSpawn(error: Error): void {
    this.#receipt.refuse(error);
  }

  /** Ends whatever runs or starts here. Resolves when all of it, earlier ends included, is gone; never rejects. */
  close(): Promise<void> {
    const first = endOf(this.#ending, this.#launch, this.#lane);
    const ending = Promise.all([first, this.#companions?.close()]).then(() => {});
    this.#launch?.abort.abort();
    this.#launch = null;
    this.#lane = null;
    return this.#occupy(ending);
  }

  #occupy(ending: Promise<void>): Promise<void> {
    this.#ending = ending;
    return ending.finally(() => {
      if (this.#ending === ending) this.#ending = null;
    });
  }
}

async function afterEnd(
  ending: Promise<void> | null,
  launch: (signal: AbortSignal) => Promise<Lane>,
  signal: AbortSignal,
): Promise<Lane> {
  await ending;
  signal.throwIfAborted();
  return launch(signal);
}

/** A launch that succeeded although it was aborted is ended too; its failure was told to whoever started it. */
async function endOf(before: Promise<void> | null, launch: Launch | null, lane: Lane | null): Promise<void> {
  await before;
  const late = await launch?.done.catch(() => null);
  await late?.close();
  await lane?.close();
}
