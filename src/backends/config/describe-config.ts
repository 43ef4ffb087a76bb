import type { ServiceConfig } from './service-config.ts';

const MAX_COMMAND_CHARS = 120;

/**
 * One line about a config for people, without a secret. Arguments, variables and headers are only counted,
 * because all of them carry keys in the wild (`--api-key=…`); of an address only the origin is shown, because
 * hosted servers put keys into path and query; of a command what comes before its first space.
 */
export function describeConfig(config: ServiceConfig): string {
  if (config.kind === 'remote') {
    const transport = config.transport === 'detect' ? 'transport to be detected' : config.transport;
    return `${new URL(config.url).origin} (${transport}, ${count(config.headers, 'header')})`;
  }
  const [program = ''] = config.command.trim().split(/\s/u);
  const shown = program.length > MAX_COMMAND_CHARS ? `${program.slice(0, MAX_COMMAND_CHARS)}…` : program;
  return `${shown} (${count(config.args, 'argument')}, ${count(config.env, 'environment variable')})`;
}

function count(items: object, noun: string): string {
  const { length } = Object.keys(items);
  return `${length} ${noun}${length === 1 ? '' : 's'}`;
}
