/** What a start is made from: the stored config with its secrets in place, and what must not be shown of it. */
import { StartFailure } from './backend.ts';
import { ConfigError } from './config/config-error.ts';
import type { ServiceConfig } from './config/service-config.ts';
import type { ConfigRules } from './rules/config-rules.ts';
import { secretsOf } from './secrets/hide.ts';

export interface StartConfig {
  readonly config: ServiceConfig;
  /** What must not be shown, longest first. */
  readonly secrets: readonly string[];
}

/** @throws {StartFailure} the config is not allowed (any more), or a secret of it cannot be had */
export function startConfig(stored: ServiceConfig, rules?: Pick<ConfigRules, 'resolve'>): StartConfig {
  try {
    const { config, secrets } = rules?.resolve(stored) ?? { config: stored, secrets: [] };
    return { config, secrets: secretsOf(config, secrets) };
  } catch (error) {
    throw error instanceof ConfigError ? new StartFailure(error.message) : error;
  }
}
