/** Orders that the operator's settings do not allow are refused before anything of them is kept. */
import { ConfigError } from '../backends/config/config-error.ts';
import type { ConfigRules } from '../backends/rules/config-rules.ts';
import { Refusal } from './refusal.ts';
import type { StartOrder } from './services.ts';

/** @throws {Refusal} 0012, naming the field and the setting */
export function requireAllowed({ config }: StartOrder, rules?: Pick<ConfigRules, 'check'>): void {
  try {
    rules?.check(config);
  } catch (error) {
    throw error instanceof ConfigError ? new Refusal('0012', error.message) : error;
  }
}
