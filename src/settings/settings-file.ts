/** Reads the settings file. No message quotes the file, because it holds tokens. */
import { createRequire } from 'node:module';
import { isObject } from '../backends/config/config-fields.ts';
import { BY_KEY } from './names.ts';
import { SettingsError } from './settings-error.ts';
import { unknownName } from './sources.ts';
import type { SettingName } from './table.ts';

export type RawValues = ReadonlyMap<SettingName, unknown>;

/**
 * Reads the JSON or YAML file at `path`. A key without a value counts as not
 * set.
 * @throws {SettingsError} it cannot be read or parsed, is no object, or has an unknown key
 */
export function readSettingsFile(path: string, readFile: (path: string) => string): RawValues {
  const content = parse(path, readText(path, readFile));
  if (content === null || content === undefined) return new Map();
  if (!isObject(content)) throw new SettingsError(`${path} must hold an object of settings`);
  const read = new Map<SettingName, unknown>();
  for (const [key, value] of Object.entries(content)) {
    const setting = BY_KEY.get(key);
    if (key === 'config')
      throw new SettingsError(`${path}: config cannot be set in the file itself; use --config`);
    if (setting === undefined) throw unknownName(`${path}: key`, key, BY_KEY.keys());
    if (value !== null) read.set(setting, value);
  }
  return read;
}

function readText(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new SettingsError(`config: ${path} cannot be read (${reason}); check the path and its permissions`);
  }
}

/** The parser takes a good part of the time until a gateway listens, so it is loaded only where there is a file. */
const load = createRequire(import.meta.url);

/** JSON is parsed as the YAML it is: so its faults have a line, and a key given twice is one. */
function parse(path: string, text: string): unknown {
  const { LineCounter, parseDocument }: typeof import('yaml') = load('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new SettingsError(
      `${path}:${line}:${col} is not valid JSON or YAML (${error.code}); check quotes and indentation`,
    );
  }
  try {
    return document.toJS();
  } catch {
    throw new SettingsError(`${path} is not valid: it uses an alias without its anchor, or too many aliases`);
  }
}
