/** The setting `authTokens`: who may call the gateway, and for what (contract §6). */
import { createHash } from 'node:crypto';
import { isObject } from '../backends/config/config-fields.ts';
import type { Scope } from '../http/auth/principal.ts';
import type { AuthToken } from '../http/auth/tokens.ts';
import { type Kind, texts } from './kinds.ts';
import { isServiceId } from './service-ids.ts';
import { WrongValue } from './settings-error.ts';

const SCOPES = ['call', 'manage', 'view'] as const satisfies readonly Scope[];
const KEYS = ['name', 'scopes', 'token', 'sha256', 'services'];

/** Of a token only its hash is kept. */
export const authTokens: Kind<readonly AuthToken[]> = {
  expects: 'a list of `name:scopes:token` (in a file also of objects)',
  placeholder: 'name:scopes:token,…',
  accumulates: true,
  fromTexts: values => together(texts.fromTexts(values).map(parseText)),
  fromFile: value =>
    together(Array.isArray(value) ? value.map(parseEntry) : texts.fromFile(value).map(parseText)),
};

function together(tokens: readonly AuthToken[]): readonly AuthToken[] {
  const names = new Set(tokens.map(token => token.name));
  if (names.size < tokens.length) throw new WrongValue('names two tokens alike; give each a name of its own');
  const hashes = new Set(tokens.map(token => token.sha256.toString('hex')));
  if (hashes.size < tokens.length) throw new WrongValue('holds one token under two names; keep one of them');
  return tokens;
}

function parseEntry(entry: unknown, index: number): AuthToken {
  if (typeof entry === 'string') return parseText(entry.trim(), index);
  if (isObject(entry)) return parseObject(entry, `entry ${index + 1}`);
  throw new WrongValue(`entry ${index + 1} must be a text name:scopes:token or an object`);
}

function parseText(entry: string, index: number): AuthToken {
  const which = `entry ${index + 1}`;
  const [, name, list, token] = /^([^:]*):([^:]*):(.*)$/s.exec(entry) ?? [];
  if (name === undefined || list === undefined || token === undefined) {
    throw new WrongValue(`${which} must have the form name:scopes:token`);
  }
  const scopes = readScopes(list.split('+'), which);
  return { name: readName(name, which), scopes, services: null, sha256: readToken(token, which) };
}

function parseObject(entry: Readonly<Record<string, unknown>>, which: string): AuthToken {
  const unknown = Object.keys(entry).find(key => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new WrongValue(`${which} has an unknown key; an object has ${KEYS.join(', ')}`);
  }
  const { name, scopes, token, sha256, services } = entry;
  if ((token === undefined) === (sha256 === undefined)) {
    throw new WrongValue(`${which} needs either a "token" or its "sha256"`);
  }
  const secret = sha256 === undefined ? token : `sha256:${sha256}`;
  if (typeof secret !== 'string') throw new WrongValue(`${which}: "token" must be a text`);
  return {
    name: readName(name, which),
    scopes: readScopes(typeof scopes === 'string' ? scopes.split('+') : scopes, which),
    services: readServices(services, which),
    sha256: readToken(secret, which),
  };
}

function readName(name: unknown, which: string): string {
  if (typeof name === 'string' && /^[\w.-]{1,64}$/.test(name)) return name;
  throw new WrongValue(
    `${which} needs a name of 1 to 64 letters, digits, ".", "_" or "-" before its first colon`,
  );
}

export function readScopes(words: unknown, which: string): Scope[] {
  const list: unknown[] = Array.isArray(words) ? words : [];
  const scopes = list.map(word => SCOPES.find(scope => scope === word));
  const known = scopes.filter(scope => scope !== undefined);
  if (known.length === 0 || known.length < scopes.length) {
    throw new WrongValue(`${which} has an unknown scope; use ${SCOPES.join(', ')} joined by "+"`);
  }
  return [...new Set(known)];
}

/** Absent means all services; an empty list would mean none, and nobody wants such a token. */
function readServices(services: unknown, which: string): readonly string[] | null {
  if (services === undefined || services === null) return null;
  if (Array.isArray(services) && services.length > 0 && services.every(isServiceId)) return services;
  throw new WrongValue(`${which}: "services" must be a list of service ids; leave it out for all services`);
}

/** SHA-256 of a token that is given plain or as its hash. */
function readToken(token: string, which: string): Buffer {
  if (token.startsWith('sha256:')) {
    const hex = token.slice('sha256:'.length);
    if (/^[0-9a-f]{64}$/i.test(hex)) return Buffer.from(hex, 'hex');
    throw new WrongValue(`${which} must have 64 hex digits after "sha256:"`);
  }
  if (/^[\x21-\x2b\x2d-\x7e]+$/.test(token)) return createHash('sha256').update(token).digest();
  throw new WrongValue(`${which} needs a token of printable ASCII characters without space or comma`);
}
