/**
 * Recording what tools a backend offers: once it is ready, and whenever its list may have changed. Nothing waits for it, so a
 * backend that is slow to list them is ready all the same.
 */
import { AskFailure } from '../backends/ask.ts';
import type { Lane } from '../backends/backend.ts';
import type { Clock } from '../backends/clock.ts';
import { listTools } from '../backends/list-tools.ts';
import { isObject } from '../backends/rpc/places.ts';
import type { Documents } from './journal.ts';
import type { ServiceCommand, ServiceContext } from './machine/model.ts';
import { Refusal } from './refusal.ts';
import { type RecordedTools, TOOLS, ToolCollector, toolListToJson } from './tool-list.ts';

/** From a change, or the start, until the list is read, in ms: who waited for the start goes first, and changes come in swarms. */
const PAUSE_MS = 500;
/** Most names of lost tools that are kept. */
const MAX_LOST = 20;

export interface ToolWatchOptions {
  readonly clock: Clock;
  /** How long a backend may take for a page of its list, in ms. */
  readonly requestTimeoutMs: number;
  /** Longest list that is kept, as JSON text. */
  readonly maxToolListBytes: number;
  /** What was recorded before. */
  toolsOf(id: string): RecordedTools | null;
  contextOf(id: string): ServiceContext;
  /** Hears of a list that could not be worked with. What was recorded stays, and so does the service. */
  onFault(id: string, error: unknown): void;
}

type ToolsListed = Extract<ServiceCommand, { readonly type: 'tools listed' }>;
type Report = (event: ToolsListed & { readonly documents: Documents }) => void;

/** Reads and reports the lists of a service's first lane until the returned call. A backend without tools is not asked. */
export function watchTools(options: ToolWatchOptions, id: string, lane: Lane, report: Report): () => void {
  const { clock } = options;
  const hasTools = isObject(lane.handshake.capabilities.tools);
  const { tools } = options.contextOf(id);
  if (!hasTools && (tools === null || tools.count === 0)) return () => {};
  const read = async (announced: boolean) => {
    const found = new ToolCollector();
    const whole = !hasTools || (await listTools(lane, options.requestTimeoutMs, tool => found.add(tool)));
    if (whole && !over) report(toolsListed(options, id, lane.generation, found, announced));
  };
  let over = false;
  const schedule = new Rereading(clock, read, error => options.onFault(id, error));
  const stopListening = lane.onToolsChanged(announced => schedule.changed(announced));
  schedule.changed(false);
  return () => {
    over = true;
    stopListening();
    schedule.stop();
  };
}

/** When to read: a pause after the first change, and never twice at once. */
class Rereading {
  readonly #clock: Clock;
  readonly #read: (announced: boolean) => Promise<void>;
  readonly #onFault: (error: unknown) => void;
  #timer: unknown;
  #isReading = false;
  /** What happened since the last reading began; null: nothing. */
  #pending: { readonly announced: boolean } | null = null;

  constructor(clock: Clock, read: (announced: boolean) => Promise<void>, onFault: (error: unknown) => void) {
    this.#clock = clock;
    this.#read = read;
    this.#onFault = onFault;
  }

  changed(announced: boolean): void {
    this.#pending = { announced: announced && (this.#pending?.announced ?? true) };
    this.#arm();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#pending = null;
  }

  #arm(): void {
    if (this.#isReading || this.#timer !== undefined) return;
    this.#timer = this.#clock.setTimeout(() => void this.#go(), PAUSE_MS);
  }

  async #go(): Promise<void> {
    const announced = this.#pending?.announced ?? false;
    this.#timer = undefined;
    this.#pending = null;
    this.#isReading = true;
    try {
      await this.#read(announced);
    } catch (error) {
      // No answer, or no log to compare it with: what was recorded stays, until the list changes or the next start.
      if (!(error instanceof AskFailure || error instanceof Refusal)) this.#onFault(error);
    } finally {
      this.#isReading = false;
      if (this.#pending !== null) this.#arm();
    }
  }
}

function toolsListed(
  options: ToolWatchOptions,
  id: string,
  generation: number,
  found: ToolCollector,
  announced: boolean,
): ToolsListed & { readonly documents: Documents } {
  const context = options.contextOf(id);
  const list = found.list(options.clock.now(), options.maxToolListBytes);
  const lost = lostTools(context, options.toolsOf(id), generation, found);
  const document = toolListToJson({ ...list, config: context.config });
  const { hash, count } = list;
  return { type: 'tools listed', generation, hash, count, lost, announced, documents: { [TOOLS]: document } };
}

/**
 * What an earlier start offered and this one does not, and what was lost before and has not come back. While it runs a
 * backend may take tools back, and under another config it may have others: those are not lost.
 */
function lostTools(
  { config, tools, lostTools: before }: ServiceContext,
  recorded: RecordedTools | null,
  generation: number,
  found: ToolCollector,
): readonly string[] {
  if (recorded === null || recorded.config !== config) return [];
  const offered = tools?.generation === generation ? [] : recorded.tools.map(({ name }) => name);
  return [...new Set([...before, ...offered])].filter(name => !found.has(name)).slice(0, MAX_LOST);
}
