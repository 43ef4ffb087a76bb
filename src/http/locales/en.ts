/** English, the default language. `{reason}` is replaced by what happened, which is always English. */
export const en = {
  success: 'Success',
  noSuchService: 'No such service: {reason}',
  coolingDown: 'The service is cooling down: {reason}',
  stillStarting: 'The service is still starting: {reason}',
  unhealthy: 'The service is unhealthy: {reason}',
  backendFailed: 'The backend failed: {reason}',
  ended: 'The service has ended; start it again: {reason}',
  notStarted: 'A OneShot service must be started explicitly: {reason}',
  badBody: 'The request body cannot be read: {reason}',
  overCapacity: 'Over capacity, try again later: {reason}',
  noSuchRoute: 'No such route: {reason}',
  invalidParameter: 'Invalid parameter: {reason}',
  notAllowed: 'Not allowed: {reason}',
  bodyTooLarge: 'The request is too large: {reason}',
  noAnswerInTime: 'The backend did not answer in time: {reason}',
  statusReady: 'The service is ready',
  statusPending: 'The service is on its way ({reason})',
  statusError: 'The service is not running: {reason}',
  statusUnknown: 'No such service; start it with check_status or add',
  removed: 'The service was stopped and forgotten',
  nothingToRemove: 'There was no such service',
} as const;

export type LocaleKey = keyof typeof en;
