/** What the tools of a backend want repeated in headers, learned from its own `tools/list`, once per lane. */
import type { Lane } from '../../../backends/backend.ts';
import type { Clock } from '../../../backends/clock.ts';
import { listTools } from '../../../backends/list-tools.ts';
import { type ParamHeader, paramHeaders } from './param-headers.ts';

type Tools = ReadonlyMap<string, readonly ParamHeader[]>;

interface Learned {
  readonly tools: Promise<Tools>;
  readonly at: number;
  /** `Lane.toolListRevision` when it was asked for. */
  readonly revision: number;
}

/** Not every backend tells of changes, so a list is asked for anew after this time, in ms. */
const MAX_AGE_MS = 60_000;
/** A call that does not fit the list is held against a new one, but not against one younger than this, in ms. */
const MIN_AGE_MS = 1_000;
const TIMEOUT_MS = 10_000;
/** Most tools with annotations that are kept of one backend. */
const MAX_TOOLS = 10_000;

const NONE: readonly ParamHeader[] = [];

export class ToolList {
  readonly #byLane = new WeakMap<Lane, Learned>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The headers of one tool; none for a tool that is not listed. @throws {AskFailure} the backend does not answer */
  async headersOf(lane: Lane, tool: string): Promise<readonly ParamHeader[]> {
    const learned = this.#byLane.get(lane);
    const fresh = learned !== undefined && this.#clock.now() - learned.at < MAX_AGE_MS;
    const current = fresh && learned.revision === lane.toolListRevision ? learned : this.#learn(lane);
    return (await current.tools).get(tool) ?? NONE;
  }

  /** As `headersOf`, from a list asked for anew, unless that was done a moment ago. @throws {AskFailure} */
  async renewedHeadersOf(lane: Lane, tool: string): Promise<readonly ParamHeader[]> {
    const learned = this.#byLane.get(lane);
    const young = learned !== undefined && this.#clock.now() - learned.at < MIN_AGE_MS;
    return (await (young ? learned : this.#learn(lane)).tools).get(tool) ?? NONE;
  }

  #learn(lane: Lane): Learned {
    const tools = readTools(lane);
    const learned = { tools, at: this.#clock.now(), revision: lane.toolListRevision };
    this.#byLane.set(lane, learned);
    tools.catch(() => {
      if (this.#byLane.get(lane) === learned) this.#byLane.delete(lane);
    });
    return learned;
  }
}

/** A backend that refuses the list has no tools that could want headers. */
async function readTools(lane: Lane): Promise<Tools> {
  const found = new Map<string, readonly ParamHeader[]>();
  await listTools(lane, TIMEOUT_MS, tool => note(tool, found));
  return found;
}

function note(tool: Record<string, unknown>, found: Map<string, readonly ParamHeader[]>): void {
  if (typeof tool.name !== 'string' || found.size >= MAX_TOOLS) return;
  const headers = paramHeaders(tool.inputSchema);
  if (headers.length > 0) found.set(tool.name, headers);
}
