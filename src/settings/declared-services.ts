/** The setting `mcpServers`: services declared in the settings file (contract §6). */
import type { ServiceType } from '../actors/services.ts';
import { ConfigError } from '../backends/config/config-error.ts';
import { type ConfigObject, fieldOf, isObject, join } from '../backends/config/config-fields.ts';
import { parseServer } from '../backends/config/parse-config.ts';
import type { ServiceConfig } from '../backends/config/service-config.ts';
import type { Kind } from './kinds.ts';
import { isServiceId } from './service-ids.ts';
import { WrongValue } from './settings-error.ts';

export interface DeclaredService {
  readonly id: string;
  readonly type: ServiceType;
  readonly config: ServiceConfig;
}

const AT = 'mcpServers';
const ID_RULE =
  'is not a service id; use 1 to 128 characters without "/" or control characters, not "." or ".."';

/** The name of a server is its service's id; `mcpType` its type, because `type` is a remote server's transport. */
export const declaredServices: Kind<readonly DeclaredService[]> = {
  expects: 'an object of servers by name',
  placeholder: null,
  accumulates: false,
  fromTexts: () => {
    throw new WrongValue('can be set in the settings file only');
  },
  fromFile: value => {
    if (!isObject(value)) throw new WrongValue('must be an object of servers by name');
    return servicesUnder(value, AT);
  },
};

/** The services of an object of servers by name, which stands at `at`. @throws {ConfigError} names what is wrong */
export function servicesUnder(servers: ConfigObject, at: string): readonly DeclaredService[] {
  return Object.entries(servers).flatMap(([id, server]) => declared(id, server, at));
}

/** A server with `disabled: true` stays in the file without being declared. */
function declared(id: string, server: unknown, at: string): DeclaredService[] {
  const path = join(at, id);
  if (!isServiceId(id)) throw new ConfigError(path, ID_RULE);
  if (!isObject(server)) throw new ConfigError(path, 'must be an object with a "command" or a "url"');
  if (fieldOf(server, path, 'disabled')?.value === true) return [];
  return [{ id, type: readType(server, path), config: parseServer(server, path, id) }];
}

function readType(server: ConfigObject, path: string): ServiceType {
  const field = fieldOf(server, path, 'mcpType');
  if (field === undefined) return 'Persistent';
  const word = typeof field.value === 'string' ? field.value.toLowerCase() : '';
  if (word === 'persistent') return 'Persistent';
  if (word === 'oneshot') return 'OneShot';
  throw new ConfigError(field.path, 'must be "Persistent" or "OneShot"');
}
