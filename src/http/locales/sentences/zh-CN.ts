/** Simplified Chinese. Reasons are always English. */
import type { StartCause } from '../../../actors/machine/model.ts';
import type { Wording } from './wording.ts';

const by: Readonly<Record<StartCause, string>> = {
  request: '有请求',
  check_status: 'check_status ',
  add: 'add ',
  api: 'API ',
  declared: '配置文件',
};

const seconds = (ms: number) => `${Math.round(ms / 1000)} 秒`;

const patience = (limitMs: number, starts: number) =>
  `根据最近 ${starts} 次启动的用时，最多可 ${seconds(limitMs)}没有动静`;

export const zhCN: Wording = {
  registered: ({ type }) => `已注册为 ${type} 服务`,
  reconfigured: ({ type }) =>
    type === null ? '已保存新的配置，下次启动时生效' : `已保存新的配置和类型 ${type}，下次启动时生效`,
  settingsChanged: () => '网关的设置已更改',
  startAskedFor: ({ state, by: who }) => `${state}：${by[who]}要求启动`,
  restartAskedFor: ({ state }) => `${state}：已要求重新启动`,
  stopAskedFor: ({ state }) => `${state}：已要求停止`,
  removalAskedFor: ({ state }) => `${state}：已要求删除`,
  gatewayRestarted: ({ state }) => `${state}：网关重新启动了`,
  leftoversGone: () => '网关重新启动了，后端的残留进程已全部结束',
  diverged: ({ state, reason }) => `${state}：日志与网关不再一致：${reason}`,
  permitted: ({ state }) => `${state}：已获得启动许可`,
  spawned: ({ pid }) => `后端已作为进程 ${pid} 启动`,
  spawnedDirectly: ({ pid, package: name }) => `后端已作为进程 ${pid} 启动：直接运行 ${name}，未经 npx`,
  spawnedByManager: ({ pid, reason }) => `后端已由 npx 作为进程 ${pid} 启动：${reason}`,
  handshakeDone: ({ state, server }) => `${state}：${server} 已完成 MCP 握手`,
  startFailed: ({ state, failures, reason }) =>
    failures <= 1
      ? `${state}：启动失败：${reason}`
      : `${state}：连续 ${failures} 次启动失败或未能持续：${reason}`,
  probeAnswered: ({ state }) => `${state}：探测重新得到回应`,
  probeMissed: ({ state, misses, of, reason }) =>
    `${state}：连续 ${misses} 次（共 ${of} 次）探测失败：${reason}`,
  probesFailed: ({ state, probes, reason }) => `${state}：连续 ${probes} 次探测失败：${reason}`,
  probeDecided: ({ state, reason }) => `${state}：有请求等待的探测失败：${reason}`,
  backendLost: ({ state, reason }) => `${state}：后端丢失：${reason}`,
  lostTooOften: ({ state, failures, reason }) => `${state}：连续 ${failures} 次启动失败或未能持续：${reason}`,
  idle: ({ state, idleMs }) => `${state}：已 ${seconds(idleMs)}无人使用`,
  toolsListed: ({ count }) => `后端列出了 ${count} 个工具`,
  toolsLost: ({ count, names }) => `后端列出了 ${count} 个工具；以下工具未恢复：${names}`,
  laneSpawned: ({ lane, pid }) => `通道 ${lane} 已作为进程 ${pid} 启动`,
  laneEnded: ({ lane, reason }) => `通道 ${lane} 已结束：${reason}`,
  tornDown: ({ state }) => `${state}：后端的所有进程已结束`,
  processesGone: () => '后端的所有进程已结束',
  cooledDown: ({ state }) => `${state}：冷却时间已过`,
  stable: () => '服务已稳定就绪，之前的失败不再计入',
  unknownEvent: ({ state, event }) => `${state}：发生了“${event}”`,

  neverStarted: ({ state }) => `${state}：尚未有人启动`,
  notNeeded: ({ state }) => `${state}：目前无人需要`,
  restartsAfter: ({ state, reason }) => `${state}：在此之后重新启动：${reason}`,
  waitsForPermit: ({ state }) => `${state}：正在等待启动许可`,
  beingStarted: ({ state }) => `${state}：正在启动后端`,
  shakingHands: ({ state, pid }) => `${state}：进程 ${pid} 尚未完成 MCP 握手`,
  beingStartedWithin: ({ state, limitMs, starts }) => `${state}：正在启动后端；${patience(limitMs, starts)}`,
  shakingHandsWithin: ({ state, pid, limitMs, starts }) =>
    `${state}：进程 ${pid} 尚未完成 MCP 握手；${patience(limitMs, starts)}`,
  answers: ({ state }) => `${state}：后端有回应`,
  missesProbes: ({ state, misses, of }) => `${state}：连续 ${misses} 次（共 ${of} 次）探测失败`,
  beingRemoved: ({ state }) => `${state}：正在删除`,
  ended: ({ state, reason }) => `${state}：${reason}`,
  removed: ({ state }) => `${state}：服务已停止并删除`,

  startsWithPermit: () => '获得启动许可后启动',
  readyAfterHandshake: () => 'MCP 握手完成后就绪',
  endsWhenIdle: () => '若在此之前无人使用，则结束',
  sleepsWhenIdle: () => '若在此之前无人使用，则休眠',
  forgetsFailures: () => '之前的失败不再计入',
  lostAfterProbes: ({ probes }) => `若再有 ${probes} 次探测失败，则变为 Unhealthy`,
  becomesWhenGone: ({ state }) => `后端的所有进程结束后变为 ${state}`,
  restarts: () => '重新启动',
};
