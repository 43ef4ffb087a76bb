/** Looks at services without touching them: what the log has of them, and what those in memory are doing. */
import type { Era, Lane } from '../backends/backend.ts';
import { describeConfig } from '../backends/config/describe-config.ts';
import type { ServiceConfig } from '../backends/config/service-config.ts';
import { configFromJson } from '../backends/config/stored-config.ts';
import { messageOf } from '../message-of.ts';
import { StorageError } from '../store/errors.ts';
import type { EventLog, JsonObject, LogRecord } from '../store/event-log.ts';
import type { ServiceHandle } from './handle.ts';
import type { LiveServices } from './live.ts';
import type { ServiceContext } from './machine/model.ts';
import { Refusal } from './refusal.ts';
import { type ServerName, serverNameOf } from './server-name.ts';
import { type ListPage, type ListQuery, listServices } from './service-list.ts';
import { CONFIG, HANDSHAKE } from './service-store.ts';
import type { ServiceType } from './services.ts';
import { usageOfAll } from './usage.ts';

/** One backend connection of a service. */
export interface LaneSummary {
  /** 0: the service's first. */
  readonly lane: number;
  readonly pid: number | null;
  readonly era: Era;
  readonly sessions: number;
  readonly inFlight: number;
}

/** Who uses a service right now, and who waits for it. */
export interface Traffic {
  readonly sessions: number;
  /** Calls of sessions without an answer yet. */
  readonly inFlight: number;
  /** Requests that wait for a start. */
  readonly held: number;
}

export interface ServiceSummary extends Traffic {
  readonly id: string;
  /** Its last record. */
  readonly head: LogRecord;
  /** Process of its first lane; null when there is none. */
  readonly pid: number | null;
  /** What its backend last called itself; null when none has been up yet. */
  readonly server: ServerName | null;
  /** Without secrets; null when there is no config, or it cannot be read. */
  readonly backend: { readonly kind: ServiceConfig['kind']; readonly description: string } | null;
  /** Epoch ms at which it counts as idle if nobody uses it before; null: never, or somebody uses it. */
  readonly idleAt: number | null;
}

export interface ServicePage {
  readonly items: readonly ServiceSummary[];
  /** Services of which the log has nothing that can be used, and why. */
  readonly unreadable: ListPage['unreadable'];
  /** See `ListPage.next`. */
  readonly next: string | null;
}

export interface InspectorOptions {
  readonly log: Pick<EventLog, 'head' | 'document' | 'ids' | 'owed'>;
  readonly live: LiveServices;
  /** Idle time after which a service of the type is reaped, in ms; 0: never. */
  idleMs(type: ServiceType): number;
}

export class Inspector {
  readonly #options: InspectorOptions;

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  /** @throws {Refusal} 0009 the log cannot be read */
  list(query: ListQuery): ServicePage {
    const { heads, unreadable, next } = this.#reading(() => listServices(this.#options.log, query));
    const items: ServiceSummary[] = [];
    const damaged = [...unreadable];
    for (const head of heads) {
      try {
        items.push(this.#summary(head));
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== '0005') throw error;
        damaged.push({ id: head.id, reason: error.reason });
      }
    }
    return { items, unreadable: damaged, next };
  }

  /** undefined: no such service. @throws {Refusal} 0005 its last record cannot be used; 0009 the log cannot be read */
  service(id: string): ServiceSummary | undefined {
    const head = this.#reading(() => this.#options.log.head(id)?.record);
    return head && this.#summary(head);
  }

  /** Its backend connections, the first one first. */
  lanes(id: string): readonly LaneSummary[] {
    const handle = this.#options.live.find(id);
    if (handle === undefined) return [];
    const { slot, lanes } = handle;
    const first = slot.lane === null ? [] : [laneSummary(0, slot.lane)];
    const others = [...lanes.serving()].map(({ number, lane }) => laneSummary(number, lane));
    return [...first, ...others];
  }

  /** Last lines on stderr of a backend that runs or has just ended, oldest first; its environment's values are hidden. */
  stderr(id: string): readonly string[] {
    return this.#options.live.stderrOf(id);
  }

  #summary(head: LogRecord): ServiceSummary {
    const { id } = head;
    const { live } = this.#options;
    const context = head.to.context as unknown as ServiceContext;
    const config = this.#config(id);
    const handle = live.find(id);
    return {
      id,
      head,
      ...trafficOf(handle),
      pid: handle?.slot.lane?.spawned?.pid ?? firstProcess(context),
      server: this.#server(id, handle?.slot.lane ?? null),
      backend: config && { kind: config.kind, description: describeConfig(config) },
      idleAt: handle === undefined ? null : this.#idleAt(handle, config),
    };
  }

  #server(id: string, lane: Lane | null): ServerName | null {
    const told = lane?.handshake.serverInfo ?? this.#document(id, HANDSHAKE)?.serverInfo;
    if (typeof told !== 'object' || told === null) return null;
    return serverNameOf(told as JsonObject);
  }

  /** null too for a config that is damaged: its service says so when it is started. */
  #config(id: string): ServiceConfig | null {
    const document = this.#document(id, CONFIG);
    if (document === undefined) return null;
    try {
      return configFromJson(document);
    } catch {
      return null;
    }
  }

  #document(id: string, name: string): JsonObject | undefined {
    return this.#reading(() => this.#options.log.document(id, name));
  }

  #idleAt(handle: ServiceHandle, config: ServiceConfig | null): number | null {
    const { slot, lanes, state } = handle;
    const idleMs = config?.idleTimeoutMs ?? this.#options.idleMs(state.context.type);
    if (slot.lane === null || idleMs === 0) return null;
    const { load, lastUsedAt } = usageOfAll(slot.lane, lanes);
    return load > 0 ? null : lastUsedAt + idleMs;
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof StorageError)
        throw new Refusal('0009', `the event log cannot be read: ${error.message}`, 1000);
      throw new Refusal('0005', `what the log has of it cannot be used: ${messageOf(error)}`);
    }
  }
}

/** Nobody uses a service that is not in memory. */
export function trafficOf(handle: ServiceHandle | undefined): Traffic {
  if (handle === undefined) return { sessions: 0, inFlight: 0, held: 0 };
  const { slot, lanes, door } = handle;
  const serving = [...lanes.serving()].map(({ lane }) => lane);
  if (slot.lane !== null) serving.push(slot.lane);
  return {
    sessions: serving.reduce((sum, { openSessions }) => sum + openSessions, 0),
    inFlight: serving.reduce((sum, { inFlight }) => sum + inFlight, 0),
    held: door.held + lanes.held,
  };
}

function laneSummary(lane: number, { spawned, handshake, openSessions, inFlight }: Lane): LaneSummary {
  return { lane, pid: spawned?.pid ?? null, era: handshake.era, sessions: openSessions, inFlight };
}

function firstProcess({ processes }: ServiceContext): number | null {
  return processes.find(({ lane }) => lane === undefined)?.pid ?? null;
}
