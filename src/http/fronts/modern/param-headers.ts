/** `Mcp-Param-*`: arguments of a tool that its client repeats in headers (2026-07-28, "Custom Headers from Tool Parameters"). */
import type { IncomingHttpHeaders } from 'node:http';
import { isObject } from '../../../backends/rpc/places.ts';
import { decodeHeaderValue, standsFor } from './header-values.ts';

/** One argument that is repeated, and in which header. */
export interface ParamHeader {
  /** Names of members from `arguments` down to it. */
  readonly path: readonly string[];
  /** In lower case, as Node gives them. */
  readonly header: string;
}

const ANNOTATION = 'x-mcp-header';
/** RFC 9110 §5.1. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** `number` is not allowed either, but a client that sends it is held to it. */
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean', 'number']);
/** Deeper ones, and more of them per tool, are not looked at. */
const MAX_DEPTH = 32;
const MAX_HEADERS = 100;

/**
 * The annotations of a tool's `inputSchema` that can be reached by `properties` alone; none when one of them is invalid,
 * because then the definition is, and clients leave the tool out.
 */
export function paramHeaders(inputSchema: unknown): readonly ParamHeader[] {
  const found: ParamHeader[] = [];
  const valid = collect(inputSchema, [], found);
  const unique = new Set(found.map(({ header }) => header)).size === found.length;
  return valid && unique ? found : [];
}

function collect(schema: unknown, path: readonly string[], found: ParamHeader[]): boolean {
  if (!isObject(schema) || path.length > MAX_DEPTH || found.length >= MAX_HEADERS) return true;
  const annotation = schema[ANNOTATION];
  if (annotation !== undefined) {
    if (path.length === 0 || typeof annotation !== 'string' || !TOKEN.test(annotation)) return false;
    if (!TYPES.has(schema.type)) return false;
    found.push({ path, header: `mcp-param-${annotation.toLowerCase()}` });
  }
  const { properties } = schema;
  if (!isObject(properties)) return true;
  return Object.entries(properties).every(([name, child]) => collect(child, [...path, name], found));
}

/** What is wrong with the headers of a call, naming the header; null: nothing. */
export function paramFault(
  expected: readonly ParamHeader[],
  args: unknown,
  headers: IncomingHttpHeaders,
): string | null {
  for (const { path, header } of expected) {
    const value = argumentAt(args, path);
    // A header without a value in the body is not expected, and has nothing to agree with.
    if (value === null) continue;
    const sent = headers[header]?.toString();
    if (sent === undefined) return `${header} is missing: send it with the argument ${path.join('.')}`;
    const decoded = decodeHeaderValue(sent);
    if (decoded === null) return `${header} has characters that are not allowed, or invalid Base64`;
    if (!standsFor(decoded, value)) return `${header} is not equal to the argument ${path.join('.')}`;
  }
  return null;
}

/** null: there is none, or none that a header can stand for. */
function argumentAt(args: unknown, path: readonly string[]): string | number | boolean | null {
  let value = args;
  for (const name of path) {
    if (!isObject(value)) return null;
    value = value[name];
  }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) || !Number.isInteger(value) ? value : null;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}
