/** References in a config: checked when it arrives, resolved for one start, never stored resolved. */
import { ConfigError } from '../config/config-error.ts';
import { isHeaderValue } from '../config/remote-config.ts';
import type { ServiceConfig } from '../config/service-config.ts';
import { type Reference, replaceInUrl, replaceReferences } from './references.ts';
import { BadReference, type Vault } from './vault.ts';

export interface ResolvedConfig {
  readonly config: ServiceConfig;
  /** What references were replaced by. */
  readonly secrets: readonly string[];
}

/** Where references may stand: in arguments, in values of variables and headers, in path and query of a URL. */
export function resolveConfig(config: ServiceConfig, vault: Vault): ResolvedConfig {
  const secrets: string[] = [];
  const resolved = mapTexts(config, reference => {
    const secret = vault.read(reference);
    secrets.push(secret);
    return secret;
  });
  return { config: resolved, secrets };
}

/** @throws {ConfigError} names the field with a reference that is not allowed */
export function checkReferences(config: ServiceConfig, vault: Vault): void {
  mapTexts(config, reference => {
    vault.check(reference);
    return '';
  });
}

type Read = (reference: Reference) => string;

/** @throws {ConfigError} names the field whose reference could not be read */
function mapTexts(config: ServiceConfig, read: Read): ServiceConfig {
  const at = (field: string, text: string, replace = replaceReferences) => {
    const replaced = naming(field, () => replace(text, read));
    if (replaced !== text && /[\0\r\n]/.test(replaced) && !field.startsWith('env')) {
      throw new ConfigError(field, 'refers to a secret of several lines, which has no place there');
    }
    if (field.startsWith('headers.') && !isHeaderValue(replaced)) {
      throw new ConfigError(
        field,
        'refers to a secret with control or non-Latin-1 characters, which no header can have',
      );
    }
    return replaced;
  };
  const atEach = (field: string, texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, at(`${field}.${name}`, text)]));
  if (config.kind === 'remote') {
    return {
      ...config,
      url: at('url', config.url, replaceInUrl),
      headers: atEach('headers', config.headers),
    };
  }
  const args = config.args.map((text, index) => at(`args[${index}]`, text));
  return { ...config, args, env: atEach('env', config.env) };
}

function naming<T>(field: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof BadReference) throw new ConfigError(field, error.message);
    throw error;
  }
}
