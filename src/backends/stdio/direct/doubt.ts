/** Why a command is left to its package manager: it could do something else than what is known here. */
export class Doubt extends Error {
  override readonly name = 'Doubt';
}
