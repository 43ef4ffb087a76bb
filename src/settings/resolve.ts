/** From raw values to settings: precedence, meaning, and the rules that bind several settings (contract §6). */
import { ConfigError } from '../backends/config/config-error.ts';
import type { Setting } from './kinds.ts';
import { flagName, SETTING_NAMES, variableName } from './names.ts';
import { SettingsError, WrongValue } from './settings-error.ts';
import type { RawValues } from './settings-file.ts';
import type { RawTexts } from './sources.ts';
import { SETTINGS, type SettingName, type Settings } from './table.ts';

/** Where each setting's value came from: `default`, `flag`, `env` or `file:<path>`. */
type Sources = Readonly<Record<SettingName, string>>;

export interface Raw {
  readonly flags: RawTexts;
  readonly variables: RawTexts;
  readonly file: { readonly path: string; readonly values: RawValues } | null;
}

export interface Loaded {
  readonly settings: Settings;
  readonly sources: Sources;
}

/** Path of the settings file, or null when none is named. @throws {SettingsError} it is empty */
export function settingsFilePath({ flags, variables }: Omit<Raw, 'file'>): string | null {
  return resolveOne('config', SETTINGS.config, { flags, variables, file: null }).value;
}

/** Flag > environment > file > default. @throws {SettingsError} a wrong value, or values that do not go together */
export function resolveSettings(raw: Raw): Loaded {
  const resolved = SETTING_NAMES.map(name => ({ name, ...resolveOne<unknown>(name, SETTINGS[name], raw) }));
  // The table gives each name its type; building from entries loses it.
  const settings = Object.fromEntries(
    resolved.map(({ name, value }) => [name, value]),
  ) as unknown as Settings;
  const sources = Object.fromEntries(resolved.map(({ name, source }) => [name, source])) as Sources;
  checkTogether(settings);
  return { settings, sources };
}

function resolveOne<T>(
  name: SettingName,
  { kind, fallback }: Setting<T>,
  { flags, variables, file }: Raw,
): { value: T; source: string } {
  const flag = flags.get(name);
  if (flag !== undefined) {
    return { value: naming(flagName(name), () => kind.fromTexts(flag)), source: 'flag' };
  }
  const variable = variables.get(name);
  if (variable !== undefined) {
    return { value: naming(variableName(name), () => kind.fromTexts(variable)), source: 'env' };
  }
  if (!file?.values.has(name)) return { value: fallback, source: 'default' };
  const value = naming(`${file.path}: ${name}`, () => kind.fromFile(file.values.get(name)), `${file.path}: `);
  return { value, source: `file:${file.path}` };
}

/** Puts the name of what is wrong before the message; a config error has its own and only lacks the file. */
function naming<T>(name: string, read: () => T, file = ''): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WrongValue) throw new SettingsError(`${name} ${error.message}`);
    if (error instanceof ConfigError) throw new SettingsError(`${file}${error.message}`);
    throw error;
  }
}

function checkTogether(settings: Settings): void {
  if (settings.restartCooldownMaxMs < settings.restartCooldownMs) {
    throw new SettingsError('restartCooldownMaxMs must not be less than restartCooldownMs; raise it');
  }
  if (settings.limitCpuPercent > 0 && settings.cgroupRoot === null) {
    throw new SettingsError('limitCpuPercent needs cgroupRoot: set it, or use limitCpuSeconds');
  }
  if (settings.allowedDirectories.length > 0 && settings.allowedCommands.length === 0) {
    throw new SettingsError('allowedDirectories is set, but allowedCommands is not: set it, too');
  }
  checkAccess(settings);
}

function checkAccess(settings: Settings): void {
  const { host, authTokens, oauthIssuer, oauthJwksUrl, oauthAudiences, publicUrl } = settings;
  const open = authTokens.length === 0 && oauthIssuer === null && !settings.dangerouslyAllowUnauthenticated;
  if (open && !isLoopback(host)) {
    throw new SettingsError(
      `host ${host} is reachable from other machines and authTokens is empty: set authTokens or oauthIssuer, listen on ` +
        '127.0.0.1, or set dangerouslyAllowUnauthenticated if something in front of the gateway authenticates',
    );
  }
  if (oauthIssuer !== null && publicUrl === null && !isLoopback(host)) {
    throw new SettingsError('oauthIssuer needs publicUrl: tokens are issued for the URL that clients know');
  }
  if (oauthIssuer === null && (oauthJwksUrl !== null || oauthAudiences.length > 0)) {
    const lonely = oauthJwksUrl === null ? 'oauthAudiences' : 'oauthJwksUrl';
    throw new SettingsError(`${lonely} is set, but oauthIssuer is not: set it, too`);
  }
}

/** Whether only this machine can reach a gateway that listens on that host. */
export function isLoopback(host: string): boolean {
  const plain = host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1');
  return plain === 'localhost' || plain === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(plain);
}
