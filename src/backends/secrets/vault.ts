/**
 * What references in configs may refer to: variables of the gateway that the setting `secretVariables` names, and files in
 * `secretsDir`. Whoever may register a service may use those secrets, and learns nothing else of the gateway.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { isWithin } from '../is-within.ts';
import type { Reference } from './references.ts';

export interface VaultOptions {
  /** The gateway's own variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names; `*` at the end of one stands for any characters. */
  readonly secretVariables: readonly string[];
  /** null: no files. */
  readonly secretsDir: string | null;
}

/** The reference is not allowed, or leads nowhere; the message says which and the remedy, never a value. */
export class BadReference extends Error {
  override readonly name = 'BadReference';
}

const MAX_FILE_BYTES = 64 * 1024;

export class Vault {
  readonly #options: VaultOptions;

  constructor(options: VaultOptions) {
    this.#options = options;
  }

  /** Whether it may be used at all. Looks at settings only. @throws {BadReference} */
  check({ kind, name }: Reference): void {
    const { secretVariables, secretsDir } = this.#options;
    if (kind === 'env') {
      if (secretVariables.some(pattern => names(pattern, name))) return;
      throw new BadReference(
        `refers to the variable ${quote(name)}, which the setting secretVariables does not list`,
      );
    }
    if (secretsDir === null) {
      throw new BadReference(`refers to a file, but the setting secretsDir names no directory of secrets`);
    }
    if (!isWithin(resolve(secretsDir), pathOf(secretsDir, name))) {
      throw new BadReference(
        `refers to the file ${quote(name)}, which is not in the directory of the setting secretsDir`,
      );
    }
  }

  /** What it stands for; of a file without its last line break. @throws {BadReference} */
  read(reference: Reference): string {
    this.check(reference);
    return reference.kind === 'env' ? this.#variable(reference.name) : this.#file(reference.name);
  }

  #variable(name: string): string {
    const value = this.#options.environment[name];
    if (value !== undefined && value !== '') return value;
    throw new BadReference(
      `refers to the variable ${quote(name)}, which is not set; set it and restart the gateway`,
    );
  }

  #file(name: string): string {
    const directory = this.#options.secretsDir ?? '';
    try {
      // A link inside the directory may lead elsewhere in it, as mounted secrets do, but not out of it.
      const path = realpathSync(pathOf(directory, name));
      if (!isWithin(realpathSync(directory), path))
        throw new BadReference(`refers to ${quote(name)}, a link out of secretsDir`);
      return readSecret(path, name).replace(/\r?\n$/, '');
    } catch (error) {
      if (error instanceof BadReference) throw error;
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      throw new BadReference(
        `refers to the file ${quote(name)}, which cannot be read (${code}); check it and its permissions`,
      );
    }
  }
}

/**
 * What is in a file, once it is known to be one: opening a named pipe, or reading one, waits for whoever writes into it, and
 * the whole gateway would wait along.
 * @throws {BadReference | Error} it is none, or too long; of the file system
 */
function readSecret(path: string, name: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile())
      throw new BadReference(`refers to ${quote(name)}, which is no regular file; put the secret into one`);
    if (stats.size > MAX_FILE_BYTES)
      throw new BadReference(`refers to ${quote(name)}, which has more than ${MAX_FILE_BYTES} bytes`);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function names(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function pathOf(directory: string, name: string): string {
  return isAbsolute(name) ? resolve(name) : resolve(directory, name);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
