/** The registry's options, and what of them the effects and the lanes of services need. */
import type { ConfigRules } from '../backends/rules/config-rules.ts';
import type { EventLog } from '../store/event-log.ts';
import type { EffectOptions } from './effects.ts';
import type { LiveOptions, LiveServices } from './live.ts';
import type { Policy } from './machine/model.ts';
import type { StartTimeoutSettings } from './machine/start-timeout.ts';
import type { ServiceStore } from './service-store.ts';

type EffectSettings = Pick<
  EffectOptions,
  keyof StartTimeoutSettings | 'probeIntervalMs' | 'probeTimeoutMs' | 'requestTimeoutMs' | 'maxToolListBytes'
>;

export interface RegistrySettings extends EffectSettings {
  readonly pendingWaitMs: number;
  readonly maxHeldRequests: number;
  readonly healthTtlMs: number;
  /** Backend connections of one service at once. */
  readonly maxLanesPerService: number;
  /** Idle time after which a lane beside the first is ended, in ms; 0: never. */
  readonly laneIdleMs: number;
  readonly policy: Policy;
  /** Most services that may be registered. */
  readonly maxServices?: number;
  /** Most commands that may wait to be written while many services move at once; default 10,000. */
  readonly maxWaitingCommands?: number;
  /** Services whose last lines on stderr are kept when they have ended; default 100. */
  readonly stderrServices?: number;
  /** Idle times after which a service is reaped, in ms; 0: never. */
  readonly oneShotIdleMs: number;
  readonly persistentIdleMs: number;
}

export interface RegistryOptions
  extends Pick<EffectOptions, 'launcher' | 'gate' | 'clock'>,
    Pick<LiveOptions, 'ownership' | 'owner' | 'chance'> {
  readonly log: EventLog;
  readonly settings: RegistrySettings;
  /** What the operator lets configs do; absent: anything. */
  readonly rules?: Pick<ConfigRules, 'check'>;
  /** See `MovesOptions`: so that who listens to transitions can tell whose request they are, also when it had to wait. */
  onBehalf?(): (work: () => void) => void;
  /** Most transactions of a turn of the event loop that are made at once; see turns.ts. */
  readonly mostAlone?: number;
  /** A fresh, time-ordered service id. */
  newId(): string;
}

/** The options of the effects of services in memory. */
export function effectOptions(
  { launcher, gate, clock, settings }: RegistryOptions,
  services: () => LiveServices,
  store: ServiceStore,
): EffectOptions {
  const live = (id: string) => services().get(id);
  return {
    launcher,
    gate,
    clock,
    ...settings,
    slotOf: id => live(id).slot,
    lanesOf: id => live(id).lanes,
    configOf: id => store.config(id),
    contextOf: id => live(id).state.context,
    toolsOf: id => store.tools(id),
    launchesOf: id => store.launches(id),
    isAwaited: id => live(id).door.held > 0,
    onFault: (id, error) => services().events.emit('fault', id, error),
    idleMs: id =>
      live(id).state.context.type === 'Persistent' ? settings.persistentIdleMs : settings.oneShotIdleMs,
  };
}

/** The options every lane pool shares. */
export function laneOptions({ launcher, gate, clock, settings }: RegistryOptions) {
  const { maxStartFailures, probeFailures, cooldownMaxMs } = settings.policy;
  return {
    launcher,
    gate,
    clock,
    settings: { ...settings, maxStartFailures, probeFailures, restartCooldownMaxMs: cooldownMaxMs },
  };
}
