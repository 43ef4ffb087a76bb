/** The composition root: the only place where the parts meet, and where the process's signals are heard. */
import { createHash, randomUUID } from 'node:crypto';
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
import { killAllOf } from './backends/stdio/last-resort.ts';
import { findLeftovers } from './backends/stdio/leftovers.ts';
import { treeReader } from './backends/stdio/tree-usage.ts';
import { careForLog } from './composition/care-for-log.ts';
import { Closing } from './composition/closing.ts';
import { createRegistry } from './composition/create-registry.ts';
import { followMcpConfig } from './composition/follow-mcp-config.ts';
import { loadTracing, type Settings } from './config.ts';
import { type AppOptions, buildApp } from './http/app.ts';
import { CurrentRequest } from './http/current-request.ts';
import { Pressure } from './http/overload/pressure.ts';
import type { ApiPorts } from './http/routes/api/v1/ports.ts';
import { type GatewayServer, listen } from './http/server.ts';
import { createLogger } from './logging/logger.ts';
import { logTransitions } from './logging/transitions.ts';
import { EventLoopWatch } from './metrics/event-loop.ts';
import { GatewayMeters } from './metrics/gateway-meters.ts';
import { observe } from './metrics/gateway-metrics.ts';
import { VERSION } from './settings/version.ts';
import type { EventLog } from './store/event-log.ts';
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
  const starting = new AbortController();
  const opening = openGateway(settings, logger, { signal: starting.signal });
  const delay = settings.drainGraceMs + 2 * settings.stopGraceMs + LAST_RESORT_MS;
  let signals: ReturnType<typeof closeWithGrace> | undefined;
  const stopped = new Promise<void>(resolve => {
    signals = closeWithGrace({ delay, logger: false }, async ({ signal, err }) => {
      if (err) logger.fatal({ err }, 'unexpected fault; stopping');
      else logger.info({ signal }, 'stopping');
      starting.abort(new Error('it was stopped while it started'));
      const gateway = await opening.catch(() => null); // told below
      await gateway?.close();
      resolve();
    });
  });
  try {
    const { url } = await opening;
    process.stdout.write(`Evergate listens on ${url}\n`);
  } catch (error) {
    if (!starting.signal.aborted) {
      signals?.uninstall();
      throw error;
    }
    if (error !== starting.signal.reason) logger.error({ err: error }, 'it could not have started');
  }
  await stopped;
}

export interface OpenOptions {
  /** Hears of every route. */
  readonly onRoute?: AppOptions['onRoute'];
  /** Aborted, it does not come to listen: what is open by then is closed. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the log, recovers what was owed, and listens.
 * @throws {Error} what went wrong, with the remedy; nothing is open then, and no process is left
 */
export async function openGateway(
  settings: Settings,
  logger: Logger,
  options: OpenOptions = {},
): Promise<Gateway> {
  const closing = new Closing();
  try {
    const url = await compose(settings, logger, closing, options);
    return { url, close: () => closing.close() };
  } catch (error) {
    await closing.close().catch(err => logger.error({ err }, 'it could not be closed wholly'));
    throw error;
  }
}

/** @returns where it listens */
async function compose(
  settings: Settings,
  logger: Logger,
  closing: Closing,
  { onRoute, signal }: OpenOptions,
): Promise<string> {
  const data = openDataDir({ dataDir: settings.dataDir });
  closing.add(() => data.close());
  const instance = instanceOf(settings.dataDir);
  const life = randomUUID();
  // Until what an earlier life left has ended, that is the data directory's, too.
  let begunBy = '';
  const killAll = () => killAllOf(instance, begunBy);
  process.once('exit', killAll);
  // What nobody knows of any more goes, too.
  closing.add(killAll);
  closing.add(() => process.removeListener('exit', killAll));
  const meters = new GatewayMeters();
  const tracing = await openTracing(loadTracing(), { logger, version: VERSION });
  closing.add(() => tracing?.close());
  const log = new LmdbLog(data, appendsHeard(meters, tracing));
  if (settings.cgroupRoot !== null) sweepCgroups(settings.cgroupRoot);
  const gate = new StartGate(settings.maxConcurrentStarts);
  const current = new CurrentRequest();
  const registry = createRegistry(settings, logger, {
    log,
    gate,
    meters,
    instance,
    life,
    onBehalf: current.remember,
  });
  closing.add(() => registry.live.stop());
  const pressure = new Pressure(settings);
  const loop = new EventLoopWatch(lag => pressure.judge(lag));
  closing.add(() => loop.stop());
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
  let server: GatewayServer | null = null;
  closing.add(() => (server ?? app).close());
  closing.add(() => registry.live.refuseAll());
  const onBroken = (id: string, err: unknown) => logger.error({ id, err }, 'service is out of order');
  const find = (recorded: readonly SpawnRecord[]) =>
    findLeftovers(recorded, { instance, graceMs: Math.min(settings.stopGraceMs, LEFTOVER_GRACE_MS) });
  const { warmup } = settings;
  const report = await boot({ log, registry, clock: systemClock, warmup, onBroken, findLeftovers: find });
  begunBy = life;
  for (const { id, type, config } of settings.mcpServers) {
    await registry.declare(id, { type, config }, warmup === 'gated');
  }
  const files = followMcpConfig(settings, logger, registry);
  closing.add(() => files.stop());
  await files.start();
  signal?.throwIfAborted();
  server = await listen(app, settings);
  const { url } = server;
  ready = true;
  logger.info({ ...report, url, dataDir: settings.dataDir }, 'listening');
  const care = careForLog(settings, logger, data, log);
  closing.add(() => {
    ready = false;
    care.stop();
  });
  return url;
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

/** The data directory's own name: what marks the processes of this gateway and of its earlier lives. */
function instanceOf(dataDir: string): string {
  return createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16);
}
