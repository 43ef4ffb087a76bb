/** Reads the config of a stdio server, and the fields that servers of both kinds share (contract §4). */
import { ConfigError } from './config-error.ts';
import {
  type ConfigObject,
  type Field,
  fieldOf,
  isObject,
  join,
  MAX_TIMER_MS,
  readChoice,
  readText,
  readTextMap,
  readTexts,
  readWhole,
} from './config-fields.ts';
import type { CommonConfig, StdioConfig } from './service-config.ts';

const MAX_ARGS = 1_024;
const MAX_ENV = 1_024;
const MAX_TOOLS = 4_096;
/** The longest string the kernel hands to a process (Linux: MAX_ARG_STRLEN, 128 KiB with its NUL). */
const MAX_ARG_CHARS = 131_071;
const MAX_PATH_CHARS = 4_096;

/** @throws {ConfigError} */
export function readStdio(server: ConfigObject, path: string, command: Field): StdioConfig {
  const program = readText(command, MAX_PATH_CHARS);
  if (program.trim() === '') throw new ConfigError(command.path, 'must not be empty');
  const cwd = fieldOf(server, path, 'cwd');
  return {
    kind: 'stdio',
    command: program,
    args: readTexts(fieldOf(server, path, 'args'), MAX_ARGS, MAX_ARG_CHARS),
    env: readTextMap(fieldOf(server, path, 'env'), MAX_ENV, MAX_ARG_CHARS, variableNameProblem),
    cwd: cwd === undefined ? null : readText(cwd, MAX_PATH_CHARS) || null,
  };
}

/** @throws {ConfigError} */
export function readCommon(server: ConfigObject, path: string, name: string | null): CommonConfig {
  return {
    name,
    tools: readTools(fieldOf(server, path, 'tools')),
    isolation: readChoice(fieldOf(server, path, 'isolation'), ['auto', 'shared', 'session']),
    startTimeoutMs: readWhole(fieldOf(server, path, 'startTimeoutMs'), 1, MAX_TIMER_MS),
    requestTimeoutMs: readWhole(fieldOf(server, path, 'requestTimeoutMs'), 1, MAX_TIMER_MS),
    idleTimeoutMs: readWhole(fieldOf(server, path, 'idleTimeoutMs'), 0, MAX_TIMER_MS),
  };
}

function readTools(field: Field | undefined): CommonConfig['tools'] {
  if (field === undefined) return { allow: null, deny: [] };
  if (!isObject(field.value))
    throw new ConfigError(field.path, 'must be an object {"allow": […], "deny": […]}');
  const unknown = Object.keys(field.value).find(key => key !== 'allow' && key !== 'deny');
  if (unknown !== undefined) {
    throw new ConfigError(join(field.path, unknown), 'is unknown; use "allow" or "deny"');
  }
  const allow = fieldOf(field.value, field.path, 'allow');
  return {
    allow: allow === undefined ? null : readTexts(allow, MAX_TOOLS, MAX_PATH_CHARS),
    deny: readTexts(fieldOf(field.value, field.path, 'deny'), MAX_TOOLS, MAX_PATH_CHARS),
  };
}

function variableNameProblem(name: string): string | null {
  return /^[^\0=\p{Cs}]+$/u.test(name)
    ? null
    : 'is not a variable name; it must not be empty or contain "=" or NUL';
}
