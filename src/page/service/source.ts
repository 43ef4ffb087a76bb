/** Where the view of one service gets its data, beside the stream. */
import { type Api, ApiFault, servicePath } from '../api/client.ts';
import type { EventRecord, Page, ServiceDetail } from '../api/shapes.ts';
import type { History } from '../model/history.ts';

/** Later than any event there can be. */
const END = 999_999_999_999_999;
/** Events asked for at a time. */
const PAGE_SIZE = 100;
/** After an event the service is asked for once, this much later: events come in groups. */
const SETTLE_MS = 120;

export interface SourceListener {
  detail(detail: ServiceDetail): void;
  fault(error: unknown): void;
}

export class ServiceSource {
  readonly #api: Api;
  readonly #id: string;
  readonly #history: History;
  readonly #listener: SourceListener;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(api: Api, id: string, history: History, listener: SourceListener) {
    this.#api = api;
    this.#id = id;
    this.#history = history;
    this.#listener = listener;
  }

  async start(): Promise<void> {
    try {
      const detail = await this.#api.get<ServiceDetail>(servicePath(this.#id));
      if (!this.#stopped) this.#listener.detail(detail);
    } catch (error) {
      if (!this.#stopped) this.#listener.fault(error);
    }
  }

  /** Some events did not reach the page: everything is read again. */
  startAnew(): void {
    this.#history.forget();
    this.loadHistory();
    this.refreshSoon();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  refreshSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.start();
    }, SETTLE_MS);
  }

  /** The newest events; a gateway without them shows no timeline. */
  loadHistory(): void {
    this.loadEarlier().catch((error: unknown) => {
      if (!(error instanceof ApiFault && error.isMissingRoute)) this.#listener.fault(error);
    });
  }

  /** One more page before what is known. @throws {ApiFault} */
  async loadEarlier(): Promise<void> {
    const before = this.#history.records[0]?.seq ?? END;
    const path = `${servicePath(this.#id, 'events')}?before=${before}&limit=${PAGE_SIZE}`;
    const { items, nextCursor } = await this.#api.get<Page<EventRecord>>(path);
    if (!this.#stopped) this.#history.addEarlier(items, nextCursor === null);
  }
}
