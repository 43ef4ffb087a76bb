/** A service config and type, from a header or a body, as an explicit start order (contract §3, §4). */
import { Refusal } from '../actors/refusal.ts';
import type { ServiceType } from '../actors/services.ts';
import { ConfigError } from '../backends/config/config-error.ts';
import { parseServiceConfig, parseServiceConfigText } from '../backends/config/parse-config.ts';
import type { ServiceConfig } from '../backends/config/service-config.ts';

/**
 * A config as an object, or as the text of its JSON.
 * @param source the header or body field it came in; a refusal names it and the field within
 * @param maxBytes bound of the config as JSON
 * @throws {Refusal} 0011
 */
export function readConfig(input: unknown, source: string, maxBytes: number): ServiceConfig {
  try {
    return typeof input === 'string'
      ? parseServiceConfigText(input, { maxBytes })
      : parseServiceConfig(input, { maxBytes });
  } catch (error) {
    if (error instanceof ConfigError) throw new Refusal('0011', `${source}: ${error.message}`);
    throw error;
  }
}

/** `persistent` or `oneShot` in any case; absent or empty means OneShot. @throws {Refusal} 0011, naming `source` */
export function readServiceType(text: string | null | undefined, source: string): ServiceType {
  switch (text?.trim().toLowerCase() ?? '') {
    case '':
    case 'oneshot':
      return 'OneShot';
    case 'persistent':
      return 'Persistent';
    default:
      throw new Refusal('0011', `${source} is neither "oneShot" nor "persistent"`);
  }
}
