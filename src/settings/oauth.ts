/** The settings of OAuth: tokens of an authorization server instead of, or besides, `authTokens`. */

import type { ScopeGrant } from '../http/auth/oauth.ts';
import { defaultHttpSettings } from '../http/settings.ts';
import { readScopes } from './auth-tokens.ts';
import { type Kind, setting, texts, wholeNumber } from './kinds.ts';
import { WrongValue } from './settings-error.ts';
import { origin, secureUrl } from './urls.ts';

const MAX_SKEW_MS = 300_000;
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const algorithms: Kind<readonly string[]> = {
  ...texts,
  expects: `a list of ${ALGORITHMS.join(', ')}`,
  fromTexts: values => readAlgorithms(texts.fromTexts(values)),
  fromFile: value => readAlgorithms(texts.fromFile(value)),
};

function readAlgorithms(names: readonly string[]): readonly string[] {
  if (names.length > 0 && names.every(name => ALGORITHMS.includes(name))) return names;
  throw new WrongValue(`must be ${algorithms.expects}`);
}

const scopeGrants: Kind<readonly ScopeGrant[]> = {
  ...texts,
  expects: 'a list of `name=scopes`, scopes of call, manage, view joined by "+"',
  placeholder: 'name=scopes,…',
  fromTexts: values => texts.fromTexts(values).map(readGrant),
  fromFile: value => texts.fromFile(value).map(readGrant),
};

/** A scope's name may have "=" in it (RFC 6749 §3.3), ours have none. */
function readGrant(entry: string, index: number): ScopeGrant {
  const [, name, list] = /^([\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+)=([^=]*)$/.exec(entry) ?? [];
  if (name === undefined || list === undefined) {
    throw new WrongValue(`entry ${index + 1} must have the form name=scopes`);
  }
  return { name, scopes: readScopes(list.split('+'), `entry ${index + 1}`) };
}

export const OAUTH = {
  publicUrl: setting<string | null>(
    origin,
    null,
    'Where clients reach the gateway, such as `https://mcp.example.com`, if a proxy is in front of it. Its host is allowed as Host and Origin.',
    { shownDefault: '`http://`, the name in the Host of each request, and the port listened on' },
  ),
  oauthIssuer: setting<string | null>(
    secureUrl,
    null,
    'Authorization server whose access tokens (JWT) are accepted, exactly as their `iss` has it. Clients find it by the metadata of RFC 9728.',
    { shownDefault: 'none: no OAuth' },
  ),
  oauthJwksUrl: setting<string | null>(secureUrl, null, 'Where its keys are.', {
    shownDefault: 'as its metadata says',
  }),
  oauthAudiences: setting(
    texts,
    [],
    'Audiences (`aud`) that mean this gateway, besides publicUrl. A token whose audience is the URL of one service is good for that service only.',
    { shownDefault: 'none' },
  ),
  oauthAlgorithms: setting(
    algorithms,
    defaultHttpSettings.oauthAlgorithms,
    'Signature algorithms accepted.',
    { shownDefault: defaultHttpSettings.oauthAlgorithms.join(', ') },
  ),
  oauthScopes: setting(
    scopeGrants,
    defaultHttpSettings.oauthScopes,
    'What scopes of the authorization server (`scope` or `scp` in its tokens) grant here.',
    { shownDefault: 'call=call, manage=manage, view=view' },
  ),
  oauthClockSkewMs: setting(
    wholeNumber(0, MAX_SKEW_MS),
    defaultHttpSettings.oauthClockSkewMs,
    'How far the clocks of the authorization server and of the gateway may differ.',
  ),
};
