/** The ids that services may have (contract §2), as settings name them. */

export function isServiceId(id: unknown): id is string {
  return typeof id === 'string' && /^[^/\p{Cc}\p{Cs}]{1,128}$/u.test(id) && id !== '.' && id !== '..';
}
