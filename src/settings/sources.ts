/** Collects raw values from flags and environment; what they mean is decided when they are resolved. */
import { BY_FLAG, BY_VARIABLE, isForeignVariable } from './names.ts';
import { nearest } from './nearest.ts';
import { SettingsError } from './settings-error.ts';
import { SETTINGS, type SettingName } from './table.ts';

export type RawTexts = ReadonlyMap<SettingName, readonly string[]>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** A name nobody knows, and the known one that is nearest to it. */
export function unknownName(what: string, name: string, known: Iterable<string>): SettingsError {
  return new SettingsError(
    `${what} ${name} is unknown; the nearest known one is ${nearest(name, [...known])}`,
  );
}

/**
 * Reads `--name value`, `--name=value` and, for booleans, `--name` and `--no-name`. Given twice, the last
 * counts; lists add up.
 * @throws {SettingsError} unknown flag, missing value, or an argument that is no flag
 */
export function readFlags(argv: readonly string[]): RawTexts {
  const read = new Map<SettingName, string[]>();
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const { setting, value } = readFlag(argument, rest);
    const earlier = SETTINGS[setting].kind.accumulates ? (read.get(setting) ?? []) : [];
    read.set(setting, [...earlier, value]);
  }
  return read;
}

/** Reads one flag; takes its value from `rest` where it stands apart. */
function readFlag(argument: string, rest: string[]): { setting: SettingName; value: string } {
  if (!argument.startsWith('-')) {
    throw new SettingsError(
      'an argument belongs to no flag; settings begin with "--", lists are joined by commas',
    );
  }
  const [, name = argument, attached] = /^([^=]*)=(.*)$/s.exec(argument) ?? [];
  const setting = BY_FLAG.get(name);
  if (setting === undefined) {
    const negated = attached === undefined ? BY_FLAG.get(name.replace(/^--no-/, '--')) : undefined;
    if (negated !== undefined && isSwitch(negated)) return { setting: negated, value: 'false' };
    throw unknownName('flag', name, BY_FLAG.keys());
  }
  if (attached !== undefined) return { setting, value: attached };
  if (isSwitch(setting)) return { setting, value: 'true' };
  const next = rest[0];
  if (next === undefined || next.startsWith('--')) {
    throw new SettingsError(`${name} needs a value: ${SETTINGS[setting].kind.expects}`);
  }
  rest.shift();
  return { setting, value: next };
}

function isSwitch(setting: SettingName): boolean {
  return SETTINGS[setting].kind.placeholder === null;
}

/** A service named evergate has its address put into every pod beside it, as EVERGATE_PORT=tcp://… and a dozen more. */
function isServiceLink(name: string, value: string): boolean {
  return /_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)/.test(name) || /^(tcp|udp|sctp):\/\//.test(value);
}

/** Reads the `EVERGATE_` variables; an empty one counts as not set. @throws {SettingsError} unknown variable */
export function readVariables(env: Environment): RawTexts {
  const read = new Map<SettingName, string[]>();
  for (const [name, value] of Object.entries(env)) {
    if (isForeignVariable(name) || value === undefined || value === '') continue;
    if (isServiceLink(name, value)) {
      throw new SettingsError(
        `${name} is a service link of Kubernetes, no setting; put "enableServiceLinks: false" into the pod's spec`,
      );
    }
    const setting = BY_VARIABLE.get(name);
    if (setting === undefined) throw unknownName('environment variable', name, BY_VARIABLE.keys());
    read.set(setting, [value]);
  }
  return read;
}
