/** The list of a service's tools as it is kept: a document beside the head, so that it outlives the backend. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../backends/config/canonical-json.ts';
import type { Json, JsonObject } from '../store/event-log.ts';
import type { ListedTool, ToolList } from './services.ts';

/** Name of the document. */
export const TOOLS = 'tools';

/** Longest texts that are kept, in UTF-16 units; a name is longer than the specification allows only by mistake. */
const MAX_NAME = 128;
const MAX_TITLE = 256;
const MAX_DESCRIPTION = 4096;
/** Most tools that are told apart; further ones are counted and are part of the hash. */
const MAX_TOOLS = 10_000;
const HASH_CHARS = 16;

/** The list, and the config it was listed under: another config may well have other tools. */
export interface RecordedTools extends ToolList {
  /** Fingerprint; null: there was none. */
  readonly config: string | null;
}

/** A list while it is being read. */
export class ToolCollector {
  readonly #tools = new Map<string, ListedTool>();
  readonly #hashes: string[] = [];
  #count = 0;

  /** Whether a tool of this name is in it. */
  has(name: string): boolean {
    return this.#tools.has(name);
  }

  /** Adds what a backend listed; what has no name is no tool. */
  add({ name, title, description, ...rest }: Record<string, unknown>): void {
    if (typeof name !== 'string') return;
    this.#count++;
    if (this.#count > MAX_TOOLS) return;
    this.#hashes.push(hashOf({ name, title, description, ...rest } as JsonObject));
    const key = name.slice(0, MAX_NAME);
    if (this.#tools.has(key)) return;
    this.#tools.set(key, {
      name: key,
      title: readText(title, MAX_TITLE),
      description: readText(description, MAX_DESCRIPTION),
    });
  }

  /** @param maxBytes longest list as JSON text: one that is longer loses its descriptions first, then its end */
  list(at: number, maxBytes: number): ToolList {
    const hash = createHash('sha256').update(this.#hashes.sort().join(' ')).digest('base64url');
    return {
      hash: hash.slice(0, HASH_CHARS),
      count: this.#count,
      at,
      tools: fitting([...this.#tools.values()], maxBytes),
    };
  }
}

export function toolListToJson({ config, hash, count, at, tools }: RecordedTools): JsonObject {
  return { config, hash, count, at, tools: tools.map(tool => ({ ...tool })) };
}

/** null for what is no list. */
export function toolListFromJson({ config, hash, count, at, tools }: JsonObject): RecordedTools | null {
  const sound =
    isTextOrNull(config) &&
    typeof hash === 'string' &&
    typeof count === 'number' &&
    typeof at === 'number' &&
    Array.isArray(tools) &&
    tools.every(isTool);
  return sound ? { config, hash, count, at, tools } : null;
}

/** By its name alone where it is nested too deeply to be written down. */
function hashOf(tool: JsonObject): string {
  const hash = createHash('sha256');
  try {
    return hash.update(canonicalJson(tool)).digest('base64url');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return hash.update(String(tool.name)).digest('base64url');
  }
}

function fitting(tools: readonly ListedTool[], maxBytes: number): readonly ListedTool[] {
  if (bytesOf(tools) <= maxBytes) return tools;
  const kept: ListedTool[] = [];
  let bytes = bytesOf(kept);
  for (const tool of tools) {
    const bare = { ...tool, description: null };
    bytes += bytesOf(bare) + 1;
    if (bytes > maxBytes) break;
    kept.push(bare);
  }
  return kept;
}

const bytesOf = (value: object) => Buffer.byteLength(JSON.stringify(value));

const readText = (value: unknown, longest: number) =>
  typeof value === 'string' ? value.slice(0, longest) : null;

function isTool(value: Json): value is JsonObject & ListedTool {
  if (typeof value !== 'object' || value === null || !('name' in value)) return false;
  const { name, title, description } = value;
  return typeof name === 'string' && isTextOrNull(title) && isTextOrNull(description);
}

function isTextOrNull(value: Json | undefined): value is string | null {
  return value === null || typeof value === 'string';
}
