/** What the operator lets configs do, whoever sends them: the settings that stand between a config and a start. */
import { ConfigError } from '../config/config-error.ts';
import type { ServiceConfig, StdioConfig } from '../config/service-config.ts';
import { checkReferences, type ResolvedConfig, resolveConfig } from '../secrets/resolve-config.ts';
import { Vault, type VaultOptions } from '../secrets/vault.ts';
import { type LimitSettings, limitProblem } from '../stdio/limits.ts';
import { commandList, loaderVariable } from './allowed-commands.ts';
import { directoryList } from './allowed-directories.ts';
import { remoteHosts } from './allowed-hosts.ts';

export interface RuleSettings extends VaultOptions, LimitSettings {
  /** Empty: any command. */
  readonly allowedCommands: readonly string[];
  /** Where the commands of configs may run while `allowedCommands` is set; empty: where the gateway does, and nowhere else. */
  readonly allowedDirectories: readonly string[];
  /** Empty: any host. */
  readonly allowedRemoteHosts: readonly string[];
}

export interface ConfigRules {
  /** For a config that arrives, and again for each start: the settings may have changed. @throws {ConfigError} names field and setting */
  check(config: ServiceConfig): void;
  /** The config of one start, with its secrets. @throws {ConfigError} */
  resolve(config: ServiceConfig): ResolvedConfig;
}

export function configRules(settings: RuleSettings): ConfigRules {
  const vault = new Vault(settings);
  const checkCommand = settings.allowedCommands.length === 0 ? null : commandRule(settings);
  const hosts = remoteHosts(settings.allowedRemoteHosts);
  const check = (config: ServiceConfig) => {
    checkReferences(config, vault);
    if (config.kind === 'remote') {
      if (!hosts.allows(new URL(config.url).hostname)) {
        throw new ConfigError('url', 'is at a host that the setting allowedRemoteHosts does not list');
      }
      return;
    }
    checkCommand?.(config);
    const problem = limitProblem(config.limits, settings);
    if (problem !== null) throw new ConfigError(problem.field, problem.text);
  };
  return {
    check,
    resolve(config) {
      check(config);
      return resolveConfig(config, vault);
    },
  };
}

/** @returns checks what a config would start. @throws {ConfigError} it does */
function commandRule(settings: RuleSettings): (config: StdioConfig) => void {
  const commands = commandList(settings.allowedCommands);
  const directories = directoryList(settings.allowedDirectories);
  return config => {
    if (!commands.allows(config)) {
      throw new ConfigError('command', 'is not allowed, with these args, by the setting allowedCommands');
    }
    const loader = loaderVariable(config.env);
    if (loader !== undefined) {
      throw new ConfigError(
        `env.${loader}`,
        'may not be set while allowedCommands is: it could make the command run another one',
      );
    }
    if (config.cwd !== null && !directories.allows(config.cwd)) {
      throw new ConfigError(
        'cwd',
        'is in no directory of the setting allowedDirectories, as it has to be while allowedCommands is set: what is there could ' +
          'make the command run another one; leave it out, or add it to the setting',
      );
    }
  };
}
