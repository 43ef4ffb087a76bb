/** Puts the registry together: launcher, rules and limits from the settings. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { Registry } from '../actors/registry.ts';
import type { RegistryOptions, RegistrySettings } from '../actors/registry-options.ts';
import { newServiceId } from '../actors/service-id.ts';
import type { StartGate } from '../actors/start-gate.ts';
import { systemClock } from '../backends/clock.ts';
import { connectWith } from '../backends/connect-any.ts';
import { createLauncher } from '../backends/launcher.ts';
import type { MultiplexerLimits } from '../backends/multiplexer/limits.ts';
import { configRules } from '../backends/rules/config-rules.ts';
import { processEnvironment, type Settings } from '../config.ts';
import { stderrLog } from '../logging/stderr.ts';
import type { GatewayMeters } from '../metrics/gateway-meters.ts';
import { isLoopback } from '../settings/resolve.ts';
import { VERSION } from '../settings/version.ts';
import type { EventLog } from '../store/event-log.ts';
import { InProcessOwnership } from '../store/in-process-ownership.ts';

/** What the registry shares with the rest of the gateway. */
interface RegistryParts {
  readonly log: EventLog;
  readonly gate: StartGate;
  readonly meters: GatewayMeters;
  readonly onBehalf: NonNullable<RegistryOptions['onBehalf']>;
  /** What marks the processes of this gateway and of its earlier lives. */
  readonly instance: string;
  /** What the ids of this life's process trees begin with. */
  readonly life: string;
}

/** The registry over the log, with the backends that this process can start. */
export function createRegistry(
  settings: Settings,
  logger: Logger,
  { log, gate, meters, instance, life, onBehalf }: RegistryParts,
): Registry {
  const rules = configRules({ ...settings, environment: processEnvironment() });
  const connect = connectWith({
    environment: processEnvironment(),
    instance,
    treeId: () => `${life}-${randomUUID()}`,
    graceMs: settings.stopGraceMs,
    maxMessageBytes: settings.maxMessageBytes,
    maxQueuedBytes: settings.maxQueuedBytes,
    stderr: { maxLines: settings.stderrLines },
    limits: settings,
    wrapper: settings.spawnWrapper,
    inheritedVariables: settings.inheritedVariables,
    ...(settings.directStart && {
      directStart: { maxAgeMs: settings.packageMaxAgeMs, now: systemClock.now },
    }),
    remote: {
      allowLoopback: isLoopback(settings.host),
      allowedPrivateHosts: settings.allowedPrivateHosts,
      allowedRemoteHosts: settings.allowedRemoteHosts,
      maxConnections: settings.maxRemoteConnections,
    },
  });
  const launcher = createLauncher({
    connect,
    rules,
    version: VERSION,
    limits: laneLimits(settings),
    onFault: err => logger.error({ err }, 'a session failed to take a message'),
    counters: meters.lanes,
    probed: meters.probed,
    stderr: stderrLog(logger, settings.logStderrPerSecond, systemClock),
  });
  return new Registry({
    log,
    launcher,
    rules,
    clock: systemClock,
    chance: Math.random,
    gate,
    ownership: new InProcessOwnership(),
    owner: instance,
    settings: registrySettings(settings),
    newId: newServiceId,
    onBehalf,
  });
}

function laneLimits(settings: Settings): MultiplexerLimits {
  const { requestTimeoutMs, maxInFlight, maxSessions, maxSubscriptions, maxServerRequests } = settings;
  return { requestTimeoutMs, maxInFlight, maxSessions, maxSubscriptions, maxServerRequests };
}

function registrySettings(settings: Settings): RegistrySettings {
  return {
    ...settings,
    policy: {
      cooldownMs: settings.restartCooldownMs,
      cooldownMaxMs: settings.restartCooldownMaxMs,
      jitter: settings.restartJitter,
      stableAfterMs: settings.stableAfterMs,
      maxStartFailures: settings.maxStartFailures,
      probeFailures: settings.probeFailures,
    },
  };
}
