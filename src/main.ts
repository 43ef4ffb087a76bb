/** The composition root: the only place where the parts meet, and where the process's signals are heard. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { boot } from './actors/boot.ts';
import { serviceNews } from './actors/news.ts';
import { createObservatory } from './actors/observatory.ts';
import type { Registry } from './actors/registry.ts';
import { StartGate } from './actors/start-gate.ts';
import type { SpawnRecord } from './backends/backend.ts';
import { systemClock } from './backends/clock.ts';
import { sweepCgroups } from './backends/stdio/cgroup.ts';
import { findLeftovers } from './backends/stdio/leftovers.ts';
import { treeReader } from './backends/stdio/tree-usage.ts';
import { careForLog } from './composition/care-for-log.ts';
import { createRegistry } from './composition/create-registry.ts';
import { loadTracing, type Settings } from './config.ts';
import { type AppOptions, buildApp } from './http/app.ts';
import { CurrentRequest } from './http/current-request.ts';
import { Pressure } from './http/overload/pressure.ts';
import type { ApiPorts } from './http/routes/api/v1/ports.ts';
import { listen } from './http/server.ts';
import { createLogger } from './logging/logger.ts';
import { logTransitions } from './logging/transitions.ts';
import { McpConfigFiles } from './mcp-config/follow.ts';
import { EventLoopWatch } from './metrics/event-loop.ts';
import { GatewayMeters } from './metrics/gateway-meters.ts';
import { observe } from './metrics/gateway-metrics.ts';
import { VERSION } from './settings/version.ts';
import type { EventLog } from './store/event-log.ts';
import type { LmdbHandle } from './store/lmdb-handle.ts';
import { LmdbLog, openDataDir } from './store/lmdb-log.ts';
import { LmdbSessionStore } from './store/lmdb-sessions.ts';
import { LmdbStreamStore } from './store/lmdb-streams.ts';
import { appendsHeard, openTracing } from './tracing/open.ts';

/** Time over what the parts take for themselves before the process ends in any case, in ms. */
const LAST_RESORT_MS = 10_000;

/** Time between TERM and KILL of what an earlier life left, in ms: the end of its stdin told it long ago. */
const LEFTOVER_GRACE_MS = 1000;

/** A gateway that listens. */
export interface Gateway {
  readonly url: string;
  /** Stops accepting, answers what is in flight, ends every process tree, closes the log. Idempotent. */
  close(): Promise<void>;
}

/** Runs the gateway until a signal ends it; resolves when it has stopped. @throws {Error} it could not start */
export async function runGateway(settings: Settings): Promise<void> {
  const logger = createLogger({ level: settings.logLevel, format: settings.logFormat });
  const gateway = await openGateway(settings, logger);
  process.stdout.write(`Evergate listens on ${gateway.url}\n`);
  await new Promise<void>(resolve => {
    const delay = settings.drainGraceMs + 2 * settings.stopGraceMs + LAST_RESORT_MS;
    closeWithGrace({ delay, logger: false }, async ({ signal, err }) => {
      if (err) logger.fatal({ err }, 'unexpected fault; stopping');
      else logger.info({ signal }, 'stopping');
      await gateway.close();
      resolve();
    });
  });
}

/**
 * Opens the log, recovers what was owed, and listens.
 * @param onRoute hears of every route
 * @throws {Error} what went wrong, with the remedy
 */
export async function openGateway(
  settings: Settings,
  logger: Logger,
  onRoute?: AppOptions['onRoute'],
): Promise<Gateway> {
  const data = openDataDir({ dataDir: settings.dataDir });
  try {
    return await compose(settings, logger, data, onRoute);
  } catch (error) {
    await data.close();
    throw error;
  }
}

async function compose(
  settings: Settings,
  logger: Logger,
  data: LmdbHandle,
  onRoute: AppOptions['onRoute'],
): Promise<Gateway> {
  const meters = new GatewayMeters();
  const tracing = await openTracing(loadTracing(), { logger, version: VERSION });
  const log = new LmdbLog(data, appendsHeard(meters, tracing));
  if (settings.cgroupRoot !== null) sweepCgroups(settings.cgroupRoot);
  const instance = instanceOf(settings.dataDir);
  const gate = new StartGate(settings.maxConcurrentStarts);
  const current = new CurrentRequest();
  const registry = createRegistry(settings, logger, {
    log,
    gate,
    meters,
    instance,
    onBehalf: current.remember,
  });
  const pressure = new Pressure(settings);
  const loop = new EventLoopWatch(lag => pressure.judge(lag));
  const api = apiPorts(settings, logger, registry, log);
  const metrics = observe({
    meters,
    services: registry.live,
    gate,
    log,
    loop,
    vitals: api.vitals,
    version: VERSION,
    onFault: err => logger.error({ err }, 'metrics are missing from their page'),
  });
  logTransitions(registry.live.events, logger, () => current.request?.id);
  tracing?.follow(registry.live, () => current.trace);
  let ready = false;
  const app = buildApp({
    services: registry,
    settings,
    frontSettings: settings,
    stores: { sessions: new LmdbSessionStore(data, settings), streams: new LmdbStreamStore(data) },
    api,
    news: serviceNews(registry.live.events),
    readiness: () => ready,
    logger,
    meters: meters.requests,
    metrics,
    current,
    tracing,
    pressure,
    ...(onRoute && { onRoute }),
  });
  const onBroken = (id: string, err: unknown) => logger.error({ id, err }, 'service is out of order');
  const find = (recorded: readonly SpawnRecord[]) =>
    findLeftovers(recorded, { instance, graceMs: Math.min(settings.stopGraceMs, LEFTOVER_GRACE_MS) });
  const { warmup } = settings;
  const report = await boot({ log, registry, clock: systemClock, warmup, onBroken, findLeftovers: find });
  for (const { id, type, config } of settings.mcpServers) {
    await registry.declare(id, { type, config }, warmup === 'gated');
  }
  const files = followMcpConfig(settings, logger, registry);
  await files.start();
  const server = await listen(app, settings);
  ready = true;
  logger.info({ ...report, url: server.url, dataDir: settings.dataDir }, 'listening');
  const care = careForLog(settings, logger, data, log);
  let closing: Promise<void> | undefined;
  const close = async () => {
    ready = false;
    care.stop();
    loop.stop();
    await files.stop();
    registry.live.refuseAll();
    await server.close();
    await registry.live.stop();
    await tracing?.close();
    await data.close();
  };
  return {
    url: server.url,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function apiPorts(settings: Settings, logger: Logger, registry: Registry, log: EventLog): ApiPorts {
  const onFault = (err: unknown) => logger.error({ err }, 'services cannot be followed');
  const clock = systemClock;
  const given = { log, live: registry.live, clock, settings, readTrees: treeReader(), onFault };
  return {
    ...createObservatory(given),
    services: registry,
    operator: registry,
    clock,
    streams: settings,
  };
}

/** The server files of MCP clients that are declared and followed. */
function followMcpConfig(settings: Settings, logger: Logger, registry: Registry): McpConfigFiles {
  return new McpConfigFiles({
    files: settings.mcpConfig,
    dataDir: settings.dataDir,
    registry,
    clock: systemClock,
    startNew: settings.warmup === 'gated',
    taken: settings.mcpServers.map(({ id }) => id),
    onDone: (what, id, file) => logger.info({ id, file, what }, 'server file'),
    onFault: err =>
      logger.error({ err }, 'a server file could not be taken over; what was declared before stays'),
  });
}

/** The data directory's own name: what marks the processes of this gateway and of its earlier lives. */
function instanceOf(dataDir: string): string {
  return createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16);
}
