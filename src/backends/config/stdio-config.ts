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
import type { CommonConfig, Limits, StdioConfig } from './service-config.ts';

const MAX_ARGS = 1_024;
const MAX_ENV = 1_024;
const MAX_TOOLS = 4_096;
/** The longest string the kernel hands to a process (Linux: MAX_ARG_STRLEN, 128 KiB with its NUL). */
const MAX_ARG_CHARS = 131_071;
const MAX_PATH_CHARS = 4_096;
/** Least and greatest value of each limit: with less than that no program comes up. */
const LIMITS: Readonly<Record<keyof Limits, readonly [number, number]>> = {
  memoryBytes: [1_048_576, Number.MAX_SAFE_INTEGER],
  cpuPercent: [1, 100_000],
  cpuSeconds: [1, MAX_TIMER_MS],
  openFiles: [16, MAX_TIMER_MS],
};

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
    ...readLimits(fieldOf(server, path, 'limits')),
  };
}

/** Nothing when there are none, so that a config without limits is stored as it always was. */
function readLimits(field: Field | undefined): { limits?: Limits } {
  if (field === undefined) return {};
  const { value, path } = field;
  if (!isObject(value)) throw new ConfigError(path, 'must be an object such as {"memoryBytes": 536870912}');
  const unknown = Object.keys(value).find(key => !Object.hasOwn(LIMITS, key));
  if (unknown !== undefined) {
    throw new ConfigError(join(path, unknown), `is unknown; use ${Object.keys(LIMITS).join(', ')}`);
  }
  const read = (name: keyof Limits) => readWhole(fieldOf(value, path, name), ...LIMITS[name]);
  const limits = {
    memoryBytes: read('memoryBytes'),
    cpuPercent: read('cpuPercent'),
    cpuSeconds: read('cpuSeconds'),
    openFiles: read('openFiles'),
  };
  return Object.values(limits).every(limit => limit === null) ? {} : { limits };
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
