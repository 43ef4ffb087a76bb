/** JSON in one form, so that equal values have equal fingerprints. */
import type { Json } from '../../store/event-log.ts';
import { isObject } from './config-fields.ts';

/** The same text for equal values whatever the order of their keys. @throws {RangeError} nested too deeply */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
