/** The HTTP application: every plugin and every route, without a socket. `server.ts` makes it listen. */
import { promisify } from 'node:util';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginCallback,
  fastify,
  LogController,
  type RouteOptions,
} from 'fastify';
import type { ServiceNews } from '../actors/news.ts';
import type { Services } from '../actors/services.ts';
import { type Clock, systemClock } from '../backends/clock.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Clients } from '../metrics/pages/clients.ts';
import { RequestMeters } from '../metrics/request-meters.ts';
import type { Tracing } from '../tracing/port.ts';
import { Expiries } from './auth/expiries.ts';
import { CurrentRequest } from './current-request.ts';
import { type FrontSettings, type FrontStores, registerFronts } from './fronts/index.ts';
import type { GatewayContext } from './gateway-context.ts';
import { BodyBudget } from './overload/body-budget.ts';
import type { Pressure } from './overload/pressure.ts';
import { addAccess } from './plugins/access.ts';
import { addCommandTraces } from './plugins/command-traces.ts';
import { addCors } from './plugins/cors.ts';
import { addCurrentRequest } from './plugins/current-request.ts';
import { addExpectations } from './plugins/expectations.ts';
import { addFaults, answerBrokenRequest, answerUnroutable } from './plugins/faults.ts';
import { addHostGuard, addLoadGuard, addPathIdGuard } from './plugins/guards.ts';
import { addBodyBudget, addRateLimit } from './plugins/overload.ts';
import { acceptRawBodies } from './plugins/raw-bodies.ts';
import { addTrace, newTraceId, traceIdOf } from './plugins/trace.ts';
import { RefusalLog } from './refusal-log.ts';
import { apiRoutes } from './routes/api/v1/index.ts';
import type { ApiPorts } from './routes/api/v1/ports.ts';
import { healthRoutes } from './routes/health.ts';
import { addRoutes } from './routes/mcp/add.ts';
import { checkStatusRoutes } from './routes/mcp/check-status.ts';
import { deleteRoutes } from './routes/mcp/delete.ts';
import { statusRoutes } from './routes/mcp/status.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { uiRoutes } from './routes/ui.ts';
import { schemaCompiler } from './schemas.ts';
import { defaultHttpSettings, type HttpSettings } from './settings.ts';

/** Longest path parameter the router takes, in decoded characters; the rule for ids is stricter and answers better. */
const MAX_PARAMETER_LENGTH = 1024;

/** How late, in ms, Node may notice that a request takes too long to arrive. */
const MAX_CHECKING_INTERVAL_MS = 5_000;

export interface AppOptions {
  readonly services: Services;
  /** What differs from `defaultHttpSettings`. */
  readonly settings?: Partial<HttpSettings>;
  /** False until replay is done; `/ready` answers by it, and by whether the server is closing. */
  readonly readiness: () => boolean;
  /** What differs from `defaultFrontSettings`. */
  readonly frontSettings?: Partial<FrontSettings>;
  /** Where sessions and streams are kept over a restart; absent: nowhere. */
  readonly stores?: FrontStores;
  /** Absent: the API has no services to look at. */
  readonly api?: ApiPorts;
  /** Absent: the fronts hear of no start and no removal. */
  readonly news?: ServiceNews;
  /** Timers of the fronts. */
  readonly clock?: Clock;
  /** Data routes in place of the MCP fronts; bodies arrive as untouched Buffers of any content type. */
  readonly fronts?: FastifyPluginCallback;
  /** Absent: nothing is logged. */
  readonly logger?: FastifyBaseLogger;
  /** Monotonic time in ms, with fractions. */
  readonly now?: () => number;
  readonly newTraceId?: () => string;
  /** What counts requests; absent: nobody reads it. */
  readonly meters?: RequestMeters;
  /** Makes the page of metrics, for which it is told how to ask about clients; absent: there is none. */
  readonly metrics?: (clients: Clients) => Metrics;
  /** Told of every route; absent: nobody asks. */
  readonly onRoute?: (route: RouteOptions) => void;
  /** Tells which request is worked on; absent: nobody looks. */
  readonly current?: CurrentRequest;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | null;
  /** Says when there is more to do than the gateway can; absent: there never is. */
  readonly pressure?: Pick<Pressure, 'reason'>;
}

/** Builds the application. Nothing is opened: `inject` works at once, `listen` is `server.ts`'s. */
export function buildApp(options: AppOptions): FastifyInstance {
  const settings = { ...defaultHttpSettings, ...options.settings };
  const app = createInstance(settings, options);
  const clock = options.clock ?? systemClock;
  const log = options.logger ?? app.log;
  const gateway: GatewayContext = {
    compatHttp200: settings.compatHttp200,
    maxBodyBytes: settings.maxBodyBytes,
    maxConfigBytes: settings.maxConfigBytes,
    now: options.now ?? (() => performance.now()),
    log,
    meters: options.meters ?? new RequestMeters(),
    refusalLog: new RefusalLog(log, settings.logRefusalsPerSecond, clock),
    current: options.current ?? new CurrentRequest(),
    tracing: options.tracing ?? null,
    expiries: new Expiries(clock),
    bodies: new BodyBudget(settings.maxTotalBodyBytes),
    fronts: null,
    draining: false,
    lastCall: new Set(),
  };
  if (options.onRoute !== undefined) app.addHook('onRoute', options.onRoute);
  app.decorate('gateway', gateway);
  app.setValidatorCompiler(schemaCompiler);
  app.setSerializerCompiler(() => JSON.stringify);
  app.removeContentTypeParser('text/plain');
  addFaults(app);
  addTrace(app);
  addHostGuard(app, settings);
  addCors(app, settings.corsOrigins);
  addLoadGuard(app, options.pressure ?? { reason: null });
  addExpectations(app);
  addAccess(app, settings);
  addRateLimit(app, settings);
  addBodyBudget(app);
  addPathIdGuard(app);
  addCurrentRequest(app);
  if (gateway.tracing !== null) addCommandTraces(app, gateway.tracing);
  addManagementRoutes(app, options);
  addDataRoutes(app, options);
  return app;
}

function addManagementRoutes(app: FastifyInstance, { services, readiness, metrics, api }: AppOptions): void {
  healthRoutes(app, readiness);
  if (metrics !== undefined) metricsRoutes(app, metrics(clientsOf(app)));
  uiRoutes(app);
  openApiRoutes(app);
  checkStatusRoutes(app, services);
  addRoutes(app, services);
  statusRoutes(app, services);
  app.register((scope, _options, done) => {
    deleteRoutes(scope, services);
    done();
  });
  app.register((scope, _options, done) => {
    apiRoutes(scope, api ?? null);
    done();
  });
}

function clientsOf(app: FastifyInstance): Clients {
  return {
    sessions: () => app.gateway.fronts ?? { sessions: 0, storedSessions: 0 },
    connections: () => promisify(app.server.getConnections.bind(app.server))(),
  };
}

function addDataRoutes(app: FastifyInstance, options: AppOptions): void {
  const { services, clock, fronts, frontSettings, stores, news } = options;
  app.register((scope, _options, done) => {
    acceptRawBodies(scope);
    if (fronts !== undefined) scope.register(fronts);
    else {
      const given = { ...(clock && { clock }), ...(stores && { stores }), ...(news && { news }) };
      app.gateway.fronts = registerFronts(scope, { services, settings: frontSettings ?? {}, ...given });
    }
    done();
  });
}

/** Fastify's own compilers, which the app has others in place of, take long to load. */
const NEVER_USED = () => {
  throw new Error('schemas are compiled by what is set on the app');
};

function createInstance(settings: HttpSettings, options: AppOptions): FastifyInstance {
  const fresh = options.newTraceId ?? newTraceId;
  const app: FastifyInstance = fastify({
    bodyLimit: settings.maxBodyBytes,
    requestTimeout: settings.receiveTimeoutMs,
    keepAliveTimeout: settings.keepAliveTimeoutMs,
    http: {
      maxHeaderSize: settings.maxHeaderBytes,
      // Node swaps the two when the headers may take longer than the whole.
      headersTimeout: Math.min(settings.headersTimeoutMs, settings.receiveTimeoutMs),
      connectionsCheckingInterval: Math.min(MAX_CHECKING_INTERVAL_MS, settings.headersTimeoutMs),
    },
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    ...(settings.trustedProxies.length > 0 && { trustProxy: [...settings.trustedProxies] }),
    exposeHeadRoutes: false,
    requestIdHeader: false,
    genReqId: request => traceIdOf(request, fresh),
    return503OnClosing: false,
    forceCloseConnections: false,
    frameworkErrors: (error, request, reply) => answerUnroutable(error, request, reply),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, app.gateway),
    schemaController: { compilersFactory: { buildValidator: NEVER_USED, buildSerializer: NEVER_USED } },
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'tid' }),
  });
  app.server.maxConnections = settings.maxConnections;
  return app;
}
