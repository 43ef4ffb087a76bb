/** The variables that MCP clients replace in their server files. `${env:NAME}` stays: it is resolved when a service starts. */
import { homedir } from 'node:os';
import { basename, dirname, resolve, sep } from 'node:path';
import { ConfigError } from '../backends/config/config-error.ts';
import { type ConfigObject, isObject, join } from '../backends/config/config-fields.ts';

/** Folders of editors that hold such a file; the workspace is what they are in. */
const EDITOR_FOLDERS: ReadonlySet<string> = new Set(['.vscode', '.cursor']);

const VARIABLE = /\$\{(workspaceFolder|workspaceFolderBasename|userHome|pathSeparator|\/|input:[^}]*)\}/g;

/** The folder that relative names of a file are meant from. */
export function workspaceOf(file: string): string {
  const folder = dirname(resolve(file));
  return EDITOR_FOLDERS.has(basename(folder)) ? dirname(folder) : folder;
}

/**
 * The servers with the variables in their texts replaced.
 * @param at where they stand, for the message
 * @throws {ConfigError} a text asks for an input: there is nobody to be asked
 */
export function replaceVariables(servers: ConfigObject, at: string, workspace: string): ConfigObject {
  const values: Readonly<Record<string, string>> = {
    workspaceFolder: workspace,
    workspaceFolderBasename: basename(workspace),
    userHome: homedir(),
    pathSeparator: sep,
    '/': sep,
  };
  const replaced = (value: unknown, path: string): unknown => {
    if (typeof value === 'string')
      return value.replace(VARIABLE, (_, name: string) => values[name] ?? askedFor(path));
    if (Array.isArray(value)) return value.map((item, index) => replaced(item, `${path}[${index}]`));
    return isObject(value) ? inside(value, path) : value;
  };
  const inside = (object: ConfigObject, path: string): ConfigObject =>
    Object.fromEntries(Object.entries(object).map(([key, item]) => [key, replaced(item, join(path, key))]));
  return inside(servers, at);
}

function askedFor(path: string): never {
  throw new ConfigError(
    path,
    'asks for an input, and a gateway has nobody to ask; write the value, or name an envFile',
  );
}
