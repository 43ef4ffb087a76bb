/** Traditional Chinese. */
import type { LocaleKey } from './en.ts';

export const zhTW = {
  success: '成功',
  noSuchService: '服務不存在：{reason}',
  coolingDown: '服務正在冷卻：{reason}',
  stillStarting: '服務仍在啟動：{reason}',
  unhealthy: '服務不健康：{reason}',
  backendFailed: '後端失敗：{reason}',
  ended: '服務已結束，請重新啟動：{reason}',
  notStarted: 'OneShot 服務必須明確啟動：{reason}',
  badBody: '無法讀取請求主體：{reason}',
  overCapacity: '超出容量，請稍後重試：{reason}',
  noSuchRoute: '路由不存在：{reason}',
  invalidParameter: '參數無效：{reason}',
  notAllowed: '不允許存取：{reason}',
  bodyTooLarge: '請求過大：{reason}',
  noAnswerInTime: '後端未及時回應：{reason}',
  statusReady: '服務已就緒',
  statusPending: '服務正在準備（{reason}）',
  statusError: '服務未執行：{reason}',
  statusUnknown: '服務不存在，請用 check_status 或 add 啟動',
  removed: '服務已停止並刪除',
  nothingToRemove: '服務原本不存在',
} as const satisfies Record<LocaleKey, string>;
