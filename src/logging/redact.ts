/** Takes secrets out of what is logged, by the names of fields, at any depth. */

const REDACTED = '[redacted]';
const TOO_DEEP = '[too deep]';
const MAX_DEPTH = 8;

/** Names whose whole value is secret, in lower case without hyphens and underscores. */
const SECRET_NAMES = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'xmcpjson',
  'mcpsessionid',
  'mcpjsonconfig',
  'env',
  'headers',
  'args',
  'authtoken',
  'authtokens',
  'token',
  'tokens',
]);

/**
 * A copy of `fields` in which every field with a secret's name is replaced, whatever its case. Values that are
 * no plain data (errors, requests) are left to the logger's serializers; deeper than 8 levels nothing is shown.
 */
export function redactFields(fields: object): Record<string, unknown> {
  return redactObject(fields, 0);
}

function redactObject(fields: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]): [string, unknown] => [
    name,
    isSecret(name) ? REDACTED : redactValue(value, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isList = Array.isArray(value);
  if (!isList && !isPlain(value)) return value;
  if (depth > MAX_DEPTH) return TOO_DEEP;
  return isList ? value.map(item => redactValue(item, depth + 1)) : redactObject(value, depth);
}

function isSecret(name: string): boolean {
  return SECRET_NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, ''));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
