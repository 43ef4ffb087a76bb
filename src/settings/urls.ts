/** Kinds of settings that are URLs. */
import { isSecureUrl } from '../http/auth/secure-url.ts';
import { each, type Kind, listOf } from './kinds.ts';
import { WrongValue } from './settings-error.ts';

/** @param read gives the value, or undefined for what is none */
function url(expects: string, read: (text: string) => string | undefined): Kind<string> {
  const checked = (value: unknown) => {
    const found = typeof value === 'string' ? read(value.trim()) : undefined;
    if (found === undefined) throw new WrongValue(`must be ${expects}`);
    return found;
  };
  return {
    expects,
    placeholder: 'url',
    accumulates: false,
    fromTexts: texts => checked(texts.at(-1)),
    fromFile: checked,
  };
}

/** Of an authorization server; kept as it is written, because `iss` has to be equal to it. */
export const secureUrl = url('an https URL (or http on this machine)', text =>
  isSecureUrl(text) ? text : undefined,
);

/** Scheme, host and port. */
export const origin = url('an http or https URL without a path', text => {
  if (!URL.canParse(text)) return undefined;
  const { origin: found, href, protocol } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && href === `${found}/` ? found : undefined;
});

/** The same, several of them. */
export const origins = listOf('a list of http or https URLs without a path', each(origin.fromFile));
