/** Traditional Chinese. Reasons are always English. */
import type { StartCause } from '../../../actors/machine/model.ts';
import type { Wording } from './wording.ts';

const by: Readonly<Record<StartCause, string>> = {
  request: '有請求',
  check_status: 'check_status ',
  add: 'add ',
  api: 'API ',
  declared: '設定檔',
};

const seconds = (ms: number) => `${Math.round(ms / 1000)} 秒`;

const patience = (limitMs: number, starts: number) =>
  `根據最近 ${starts} 次啟動的用時，最多可 ${seconds(limitMs)}沒有動靜`;

export const zhTW: Wording = {
  registered: ({ type }) => `已註冊為 ${type} 服務`,
  reconfigured: ({ type }) =>
    type === null ? '已儲存新的組態，下次啟動時生效' : `已儲存新的組態和類型 ${type}，下次啟動時生效`,
  settingsChanged: () => '閘道的設定已變更',
  startAskedFor: ({ state, by: who }) => `${state}：${by[who]}要求啟動`,
  restartAskedFor: ({ state }) => `${state}：已要求重新啟動`,
  stopAskedFor: ({ state }) => `${state}：已要求停止`,
  removalAskedFor: ({ state }) => `${state}：已要求刪除`,
  gatewayRestarted: ({ state }) => `${state}：閘道重新啟動了`,
  leftoversGone: () => '閘道重新啟動了，後端的殘留行程已全部結束',
  diverged: ({ state, reason }) => `${state}：日誌與閘道不再一致：${reason}`,
  permitted: ({ state }) => `${state}：已取得啟動許可`,
  spawned: ({ pid }) => `後端已作為行程 ${pid} 啟動`,
  spawnedDirectly: ({ pid, package: name }) => `後端已作為行程 ${pid} 啟動：直接執行 ${name}，未經 npx`,
  spawnedByManager: ({ pid, reason }) => `後端已由 npx 作為行程 ${pid} 啟動：${reason}`,
  handshakeDone: ({ state, server }) => `${state}：${server} 已完成 MCP 交握`,
  startFailed: ({ state, failures, reason }) =>
    failures <= 1
      ? `${state}：啟動失敗：${reason}`
      : `${state}：連續 ${failures} 次啟動失敗或未能持續：${reason}`,
  probeAnswered: ({ state }) => `${state}：探測重新得到回應`,
  probeMissed: ({ state, misses, of, reason }) =>
    `${state}：連續 ${misses} 次（共 ${of} 次）探測失敗：${reason}`,
  probesFailed: ({ state, probes, reason }) => `${state}：連續 ${probes} 次探測失敗：${reason}`,
  probeDecided: ({ state, reason }) => `${state}：有請求等待的探測失敗：${reason}`,
  backendLost: ({ state, reason }) => `${state}：後端遺失：${reason}`,
  lostTooOften: ({ state, failures, reason }) => `${state}：連續 ${failures} 次啟動失敗或未能持續：${reason}`,
  idle: ({ state, idleMs }) => `${state}：已 ${seconds(idleMs)}無人使用`,
  toolsListed: ({ count }) => `後端列出了 ${count} 個工具`,
  toolsLost: ({ count, names }) => `後端列出了 ${count} 個工具；以下工具未恢復：${names}`,
  laneSpawned: ({ lane, pid }) => `通道 ${lane} 已作為行程 ${pid} 啟動`,
  laneEnded: ({ lane, reason }) => `通道 ${lane} 已結束：${reason}`,
  tornDown: ({ state }) => `${state}：後端的所有行程已結束`,
  processesGone: () => '後端的所有行程已結束',
  cooledDown: ({ state }) => `${state}：冷卻時間已過`,
  stable: () => '服務已穩定就緒，先前的失敗不再計入',
  unknownEvent: ({ state, event }) => `${state}：發生了「${event}」`,

  neverStarted: ({ state }) => `${state}：尚未有人啟動`,
  notNeeded: ({ state }) => `${state}：目前無人需要`,
  restartsAfter: ({ state, reason }) => `${state}：在此之後重新啟動：${reason}`,
  waitsForPermit: ({ state }) => `${state}：正在等待啟動許可`,
  beingStarted: ({ state }) => `${state}：正在啟動後端`,
  shakingHands: ({ state, pid }) => `${state}：行程 ${pid} 尚未完成 MCP 交握`,
  beingStartedWithin: ({ state, limitMs, starts }) => `${state}：正在啟動後端；${patience(limitMs, starts)}`,
  shakingHandsWithin: ({ state, pid, limitMs, starts }) =>
    `${state}：行程 ${pid} 尚未完成 MCP 交握；${patience(limitMs, starts)}`,
  answers: ({ state }) => `${state}：後端有回應`,
  missesProbes: ({ state, misses, of }) => `${state}：連續 ${misses} 次（共 ${of} 次）探測失敗`,
  beingRemoved: ({ state }) => `${state}：正在刪除`,
  ended: ({ state, reason }) => `${state}：${reason}`,
  removed: ({ state }) => `${state}：服務已停止並刪除`,

  startsWithPermit: () => '取得啟動許可後啟動',
  readyAfterHandshake: () => 'MCP 交握完成後就緒',
  endsWhenIdle: () => '若在此之前無人使用，則結束',
  sleepsWhenIdle: () => '若在此之前無人使用，則休眠',
  forgetsFailures: () => '先前的失敗不再計入',
  lostAfterProbes: ({ probes }) => `若再有 ${probes} 次探測失敗，則變為 Unhealthy`,
  becomesWhenGone: ({ state }) => `後端的所有行程結束後變為 ${state}`,
  restarts: () => '重新啟動',
};
