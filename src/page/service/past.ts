/** Asks the gateway for the state at a moment: the latest question counts, earlier ones are given up. */
import { type Api, servicePath } from '../api/client.ts';
import type { EventRecord, PastState } from '../api/shapes.ts';
import type { Moment } from '../model/scale.ts';

export class PastStates {
  readonly #api: Api;
  readonly #id: string;
  #asked: AbortController | null = null;

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
  }

  /** null: somebody has asked again meanwhile. @throws {ApiFault} */
  async at({ at, exact }: Moment, record: EventRecord): Promise<PastState | null> {
    this.forget();
    const asked = new AbortController();
    this.#asked = asked;
    // An event is named by its number, for several may have happened in the same millisecond.
    const when = exact ? String(record.seq) : new Date(at).toISOString();
    const path = `${servicePath(this.#id, 'state')}?at=${encodeURIComponent(when)}`;
    try {
      const headers = { accept: 'application/json' };
      const response = await this.#api.request(path, { headers, signal: asked.signal });
      return ((await response.json()) as { data: PastState }).data;
    } catch (error) {
      if (asked.signal.aborted) return null;
      throw error;
    }
  }

  /** Nobody waits for an answer any more. */
  forget(): void {
    this.#asked?.abort();
    this.#asked = null;
  }
}
