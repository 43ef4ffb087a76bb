/** What a setting is called as a flag and in the environment (contract §6). */
import { TREE_VARIABLE } from '../backends/stdio/environment.ts';
import { SETTINGS, type SettingName } from './table.ts';

const PREFIX = 'EVERGATE_';
/** Variables that are no settings: of the client commands (contract §6), and what a gateway gives whatever it starts. */
const OTHERS = ['EVERGATE_URL', 'EVERGATE_TOKEN', TREE_VARIABLE];

/** `restartCooldownMs` → `--restart-cooldown-ms` */
export function flagName(setting: string): string {
  return `--${setting.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}

/** `restartCooldownMs` → `EVERGATE_RESTART_COOLDOWN_MS` */
export function variableName(setting: string): string {
  return PREFIX + setting.replaceAll(/[A-Z]/g, letter => `_${letter}`).toUpperCase();
}

export function isForeignVariable(name: string): boolean {
  return !name.startsWith(PREFIX) || OTHERS.includes(name);
}

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Settings by the name they have in one kind of source; those that cannot come from there are left out. */
function byName(source: 'flag' | 'env' | 'file', nameOf: (setting: string) => string) {
  const usable = SETTING_NAMES.filter(setting => SETTINGS[setting].sources[source]);
  return new Map(usable.map(setting => [nameOf(setting), setting]));
}

export const BY_FLAG: ReadonlyMap<string, SettingName> = byName('flag', flagName);
export const BY_VARIABLE: ReadonlyMap<string, SettingName> = byName('env', variableName);
export const BY_KEY: ReadonlyMap<string, SettingName> = byName('file', setting => setting);
