/** One server file, with the env files it names: the services it declares. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from '../backends/config/config-error.ts';
import { type ConfigObject, fieldOf, isObject, join } from '../backends/config/config-fields.ts';
import { type DeclaredService, servicesUnder } from '../settings/declared-services.ts';
import { findServers } from './format.ts';
import { stampOf } from './stamp.ts';
import { replaceVariables, workspaceOf } from './variables.ts';

/** A server file that cannot be used; the message begins with its path and holds nothing of its text. */
export class McpConfigError extends Error {
  override readonly name = 'McpConfigError';
}

export interface McpConfig {
  readonly services: readonly DeclaredService[];
  /** By the path of each file that was read: how it was just before. */
  readonly stamps: ReadonlyMap<string, string>;
}

/** @throws {McpConfigError} it cannot be read, or something in it is wrong: none of it is used then */
export function readMcpConfig(path: string): McpConfig {
  const stamps = new Map<string, string>();
  const readText: ReadText = (file, field) => {
    if (!stamps.has(file)) stamps.set(file, stampOf(file));
    return textOf(file, field);
  };
  try {
    const { servers, at } = findServers(readText(path, 'the file'));
    const workspace = workspaceOf(path);
    const replaced = replaceVariables(servers, at, workspace);
    const complete = Object.entries(replaced).map(([name, server]) => [
      name,
      isObject(server) ? withEnvFile(server, join(at, name), workspace, readText) : server,
    ]);
    return { services: servicesUnder(Object.fromEntries(complete), at), stamps };
  } catch (error) {
    if (error instanceof ConfigError) throw new McpConfigError(`${path}: ${error.message}`);
    throw error;
  }
}

/** `envFile` (VS Code, Cursor): variables of a file, behind those of `env`. */
function withEnvFile(
  server: ConfigObject,
  path: string,
  workspace: string,
  readText: ReadText,
): ConfigObject {
  const field = fieldOf(server, path, 'envFile');
  if (field === undefined) return server;
  if (typeof field.value !== 'string') throw new ConfigError(field.path, 'must be the path of a file');
  const variables = parseEnv(readText(resolve(workspace, field.value), field.path));
  const env = fieldOf(server, path, 'env')?.value ?? {};
  return isObject(env) ? { ...server, env: { ...variables, ...env } } : server;
}

/** @param field what names the file @throws {ConfigError} */
type ReadText = (path: string, field: string) => string;

function textOf(path: string, field: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigError(field, `cannot be read (${reason}); check the path and its permissions`);
  }
}
