/** A service config that cannot be used (contract §4; code 0011 at the door). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    /** Path of the field at fault, as the sender wrote it: `mcpServers.files.args[1]`. */
    readonly field: string,
    /** What is wrong with it and the remedy; never a value of the config, which may be a secret. */
    problem: string,
  ) {
    super(`${field} ${problem}`);
  }
}
