/** Values of headers that mirror the body (2026-07-28, "Value Encoding"). */

const PREFIX = '=?base64?';
const SUFFIX = '?=';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Visible ASCII, space and tab (RFC 9110 §5.5). */
const PLAIN = /^[\t\x20-\x7e]*$/;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** What a header's value stands for; null when it has characters that are not allowed, or is not the Base64 it says to be. */
export function decodeHeaderValue(value: string): string | null {
  if (!PLAIN.test(value)) return null;
  if (!value.startsWith(PREFIX) || !value.endsWith(SUFFIX) || value.length < PREFIX.length + SUFFIX.length)
    return value;
  const encoded = value.slice(PREFIX.length, -SUFFIX.length);
  if (!BASE64.test(encoded)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return null;
  }
}

/** Whether a decoded header stands for a value of the body. Numbers are compared as numbers. */
export function standsFor(decoded: string, value: string | number | boolean): boolean {
  if (typeof value === 'number' && DECIMAL.test(decoded)) return Number(decoded) === value;
  return decoded === String(value);
}
