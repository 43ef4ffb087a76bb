/** The setting `authTokens`: who may call the gateway, and for what (contract §6). */
import { createHash } from 'node:crypto';
import type { AuthToken, Scope } from '../http/auth-tokens.ts';
import { type Kind, texts } from './kinds.ts';
import { WrongValue } from './settings-error.ts';

const SCOPES = ['call', 'manage', 'view'] as const satisfies readonly Scope[];

/** Of a token only its hash is kept. */
export const authTokens: Kind<readonly AuthToken[]> = {
  expects: 'a list of `name:scopes:token`',
  placeholder: 'name:scopes:token,…',
  accumulates: true,
  fromTexts: values => parseAll(texts.fromTexts(values)),
  fromFile: value => parseAll(texts.fromFile(value)),
};

function parseAll(entries: readonly string[]): AuthToken[] {
  const tokens = entries.map(parseOne);
  const names = new Set(tokens.map(token => token.name));
  if (names.size < tokens.length) throw new WrongValue('names two tokens alike; give each a name of its own');
  const hashes = new Set(tokens.map(token => token.sha256.toString('hex')));
  if (hashes.size < tokens.length) throw new WrongValue('holds one token under two names; keep one of them');
  return tokens;
}

function parseOne(entry: string, index: number): AuthToken {
  const which = `entry ${index + 1}`;
  const [, name, list, token] = /^([^:]*):([^:]*):(.*)$/s.exec(entry) ?? [];
  if (name === undefined || list === undefined || token === undefined) {
    throw new WrongValue(`${which} must have the form name:scopes:token`);
  }
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw new WrongValue(
      `${which} needs a name of 1 to 64 letters, digits, ".", "_" or "-" before its first colon`,
    );
  }
  return { name, scopes: parseScopes(list, which), sha256: parseToken(token, which) };
}

function parseScopes(list: string, which: string): Scope[] {
  const scopes = list.split('+').map(word => SCOPES.find(scope => scope === word));
  const known = scopes.filter(scope => scope !== undefined);
  if (known.length < scopes.length) {
    throw new WrongValue(`${which} has an unknown scope; use ${SCOPES.join(', ')} joined by "+"`);
  }
  return [...new Set(known)];
}

/** SHA-256 of a token that is given plain or as its hash. */
function parseToken(token: string, which: string): Buffer {
  if (token.startsWith('sha256:')) {
    const hex = token.slice('sha256:'.length);
    if (/^[0-9a-f]{64}$/i.test(hex)) return Buffer.from(hex, 'hex');
    throw new WrongValue(`${which} must have 64 hex digits after "sha256:"`);
  }
  if (/^[\x21-\x2b\x2d-\x7e]+$/.test(token)) return createHash('sha256').update(token).digest();
  throw new WrongValue(`${which} needs a token of printable ASCII characters without space or comma`);
}
