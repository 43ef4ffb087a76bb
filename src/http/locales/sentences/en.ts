/** English. Reasons are always English. */
import type { StartCause } from '../../../actors/machine/model.ts';
import type { Wording } from './wording.ts';

const by: Readonly<Record<StartCause, string>> = {
  request: 'a request',
  check_status: 'check_status',
  add: 'add',
  api: 'the API',
  declared: 'the settings file',
};

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;

const patience = (limitMs: number, starts: number) =>
  `it may be silent for ${seconds(limitMs)}, by what its last ${starts} starts took`;

export const en: Wording = {
  registered: ({ type }) => `Registered as a ${type} service`,
  reconfigured: ({ type }) =>
    type === null
      ? 'Another config was stored; it takes effect at the next start'
      : `Another config was stored, with the type ${type}; both take effect at the next start`,
  settingsChanged: () => "The gateway's settings have changed",
  startAskedFor: ({ state, by: who }) => `${state} because ${by[who]} asked for a start`,
  restartAskedFor: ({ state }) => `${state} because a restart was asked for`,
  stopAskedFor: ({ state }) => `${state} because a stop was asked for`,
  removalAskedFor: ({ state }) => `${state} because its removal was asked for`,
  gatewayRestarted: ({ state }) => `${state} because the gateway restarted`,
  leftoversGone: () => 'The gateway restarted; what was left of the backend is gone',
  diverged: ({ state, reason }) => `${state} because its log and the gateway no longer agree: ${reason}`,
  permitted: ({ state }) => `${state} because a start permit was free`,
  spawned: ({ pid }) => `The backend was spawned as process ${pid}`,
  spawnedDirectly: ({ pid, package: name }) =>
    `The backend was spawned as process ${pid}: ${name} directly, without npx`,
  spawnedByManager: ({ pid, reason }) => `The backend was spawned as process ${pid}, by npx: ${reason}`,
  handshakeDone: ({ state, server }) => `${state} because ${server} completed the MCP handshake`,
  startFailed: ({ state, failures, reason }) =>
    failures <= 1
      ? `${state} because the start failed: ${reason}`
      : `${state} because ${failures} starts in a row failed or did not last: ${reason}`,
  probeAnswered: ({ state }) => `${state} because a probe was answered again`,
  probeMissed: ({ state, misses, of, reason }) =>
    `${state} because ${misses} of ${of} probes in a row failed: ${reason}`,
  probesFailed: ({ state, probes, reason }) =>
    probes === 1
      ? `${state} because a probe failed: ${reason}`
      : `${state} because ${probes} probes in a row failed: ${reason}`,
  probeDecided: ({ state, reason }) =>
    `${state} because a probe failed that a request was waiting for: ${reason}`,
  backendLost: ({ state, reason }) => `${state} because the backend was lost: ${reason}`,
  lostTooOften: ({ state, failures, reason }) =>
    `${state} because ${failures} starts in a row failed or did not last: ${reason}`,
  idle: ({ state, idleMs }) => `${state} because nobody used it for ${seconds(idleMs)}`,
  toolsListed: ({ count }) => `The backend lists ${count} ${count === 1 ? 'tool' : 'tools'}`,
  toolsLost: ({ count, names }) =>
    `The backend lists ${count} ${count === 1 ? 'tool' : 'tools'}; these did not come back: ${names}`,
  laneSpawned: ({ lane, pid }) => `Lane ${lane} was spawned as process ${pid}`,
  laneEnded: ({ lane, reason }) => `Lane ${lane} ended: ${reason}`,
  tornDown: ({ state }) => `${state} because every process of the backend is gone`,
  processesGone: () => 'Every process of the backend is gone',
  cooledDown: ({ state }) => `${state} because the cooldown is over`,
  stable: () => 'It has been Ready for long enough: earlier failures are forgotten',
  unknownEvent: ({ state, event }) => `${state} after "${event}"`,

  neverStarted: ({ state }) => `${state} because nobody has started it yet`,
  notNeeded: ({ state }) => `${state} because nobody needs it at the moment`,
  restartsAfter: ({ state, reason }) => `${state} because it restarts after this: ${reason}`,
  waitsForPermit: ({ state }) => `${state} because it waits for a start permit`,
  beingStarted: ({ state }) => `${state} because the backend is being started`,
  shakingHands: ({ state, pid }) => `${state} because process ${pid} has not completed the MCP handshake yet`,
  beingStartedWithin: ({ state, limitMs, starts }) =>
    `${state} because the backend is being started; ${patience(limitMs, starts)}`,
  shakingHandsWithin: ({ state, pid, limitMs, starts }) =>
    `${state} because process ${pid} has not completed the MCP handshake yet; ${patience(limitMs, starts)}`,
  answers: ({ state }) => `${state} because the backend answers`,
  missesProbes: ({ state, misses, of }) => `${state} because ${misses} of ${of} probes in a row failed`,
  beingRemoved: ({ state }) => `${state} because it is being removed`,
  ended: ({ state, reason }) => `${state}: ${reason}`,
  removed: ({ state }) => `${state}: it was stopped and forgotten`,

  startsWithPermit: () => 'It starts when a start permit is free',
  readyAfterHandshake: () => 'It is Ready when the MCP handshake is done',
  endsWhenIdle: () => 'It ends if nobody uses it until then',
  sleepsWhenIdle: () => 'It goes to sleep if nobody uses it until then',
  forgetsFailures: () => 'Its earlier failures are forgotten',
  lostAfterProbes: ({ probes }) =>
    probes === 1
      ? 'It is Unhealthy if the next probe fails, too'
      : `It is Unhealthy if ${probes} more probes fail`,
  becomesWhenGone: ({ state }) => `It becomes ${state} when every process of the backend is gone`,
  restarts: () => 'It restarts',
};
