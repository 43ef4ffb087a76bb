/** Why a command is left to its package manager: it could do something else than what is known here. */
export class Doubt extends Error {
  override readonly name = 'Doubt';
}

/** A word of somebody's file or command line as it may stand in a record: short and plain, or not at all. */
export function shown(word: unknown): string {
  return typeof word === 'string' && /^[\w@:./+-]{1,64}$/.test(word) ? word : '(not shown)';
}
