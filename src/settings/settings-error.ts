/** Settings the gateway cannot start with; the message names the flag, variable or key at fault and the remedy. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** A value that is not what its setting expects; the loader adds where it came from. Never shows the value. */
export class WrongValue extends Error {
  override readonly name = 'WrongValue';
}
