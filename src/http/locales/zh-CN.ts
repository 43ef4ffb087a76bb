/** Simplified Chinese. */
import type { LocaleKey } from './en.ts';

export const zhCN = {
  success: '成功',
  noSuchService: '服务不存在：{reason}',
  coolingDown: '服务正在冷却：{reason}',
  stillStarting: '服务仍在启动：{reason}',
  unhealthy: '服务不健康：{reason}',
  backendFailed: '后端失败：{reason}',
  ended: '服务已结束，请重新启动：{reason}',
  notStarted: 'OneShot 服务必须显式启动：{reason}',
  badBody: '无法读取请求体：{reason}',
  overCapacity: '超出容量，请稍后重试：{reason}',
  noSuchRoute: '路由不存在：{reason}',
  invalidParameter: '参数无效：{reason}',
  notAllowed: '不允许访问：{reason}',
  bodyTooLarge: '请求过大：{reason}',
  noAnswerInTime: '后端未及时响应：{reason}',
  statusReady: '服务已就绪',
  statusPending: '服务正在准备（{reason}）',
  statusError: '服务未运行：{reason}',
  statusUnknown: '服务不存在，请用 check_status 或 add 启动',
  removed: '服务已停止并删除',
  nothingToRemove: '服务原本不存在',
} as const satisfies Record<LocaleKey, string>;
