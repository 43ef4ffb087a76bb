/** The fronts on a real socket, before services that a test steers and lanes that are fakes. */
import { onTestFinished } from 'vitest';
import { SimulatedClock } from 'xstate';
import type { Demand, LaneNeed, ServiceStatus, Services } from '../../src/actors/services.ts';
import type { Lane } from '../../src/backends/backend.ts';
import { buildApp } from '../../src/http/app.ts';
import { type FrontOptions, type FrontSettings, registerFronts } from '../../src/http/fronts/index.ts';
import type { SessionFigures } from '../../src/http/gateway-context.ts';
import { type GatewayServer, listen } from '../../src/http/server.ts';
import { RequestMeters } from '../../src/metrics/request-meters.ts';
import { EventQueue } from './event-queue.ts';
import { FakeLane, type FakeLaneSession } from './fake-lane.ts';
import { SseReader, StreamableClient } from './mcp-client.ts';

/** Admission alone, as a test says: every id is served by `lane` unless `admission` is replaced. */
export class SteeredServices implements Services {
  readonly demands = new EventQueue<Demand>();
  /** Service and session of each lane that was given up. */
  readonly released = new EventQueue<string>();
  /** For whom a lane was asked, oldest first. */
  readonly needs: (LaneNeed | undefined)[] = [];
  admission: (id: string) => Lane | Promise<Lane>;

  constructor(lane: Lane) {
    this.admission = () => lane;
  }

  admit(id: string, demand: Demand, need?: LaneNeed): Lane | Promise<Lane> {
    this.needs.push(need);
    this.demands.push(demand);
    return this.admission(id);
  }

  releaseSession(id: string, sessionId: string): void {
    this.released.push(`${id} ${sessionId}`);
  }

  ensure(): ServiceStatus {
    throw new Error('the fronts only admit');
  }

  add(): Promise<ServiceStatus> {
    throw new Error('the fronts only admit');
  }

  remove(): Promise<boolean> {
    throw new Error('the fronts only admit');
  }

  status(): undefined {
    throw new Error('the fronts only admit');
  }

  tools(): null {
    throw new Error('the fronts only admit');
  }
}

export interface FrontApp {
  readonly server: GatewayServer;
  readonly fronts: SessionFigures;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly services: SteeredServices;
  readonly lane: FakeLane;
  readonly clock: SimulatedClock;
  readonly meters: RequestMeters;
  /** Closes at once, calls under way included. */
  close(): Promise<void>;
}

/** @param more such as stores that outlive this app */
export async function startFrontApp(
  settings: Partial<FrontSettings> = {},
  more: Pick<FrontOptions, 'stores' | 'news'> = {},
): Promise<FrontApp> {
  const lane = new FakeLane();
  const services = new SteeredServices(lane);
  const clock = new SimulatedClock();
  const meters = new RequestMeters();
  let fronts: SessionFigures | undefined;
  const app = buildApp({
    services,
    meters,
    readiness: () => true,
    fronts: (scope, _options, done) => {
      fronts = registerFronts(scope, { services, settings, clock, ...more });
      done();
    },
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  if (fronts === undefined) throw new Error('the fronts were not registered');
  const close = () => {
    app.server.closeAllConnections();
    return server.close();
  };
  return { server, fronts, origin: server.url, services, lane, clock, meters, close };
}

/** `startFrontApp`, closed when the test is over. */
export async function frontApp(...given: Parameters<typeof startFrontApp>): Promise<FrontApp> {
  const started = await startFrontApp(...given);
  onTestFinished(() => started.close());
  return started;
}

/** A client with its stream open, and the session the lane sees. */
export async function streaming(
  front: FrontApp,
): Promise<{ client: StreamableClient; reader: SseReader; session: FakeLaneSession; response: Response }> {
  const client = await new StreamableClient(front.origin).open();
  const response = await client.get();
  const session = front.lane.sessions.at(-1);
  if (session === undefined) throw new Error(`no session on the lane: ${response.status}`);
  return { client, reader: new SseReader(response), session, response };
}
