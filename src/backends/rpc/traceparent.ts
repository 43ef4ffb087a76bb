/** `traceparent` (W3C Trace Context §3.2): a header of HTTP, and a member of `params._meta` of MCP. Pure. */

export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly flags: number;
}

/** null: it is none. Of versions that are not known yet what goes before the first unknown field is read (§4.3). */
export function readTraceparent(value: unknown): TraceParent | null {
  if (typeof value !== 'string') return null;
  const [, version = 'ff', traceId = '', spanId = '', flags = ''] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/.exec(value) ?? [];
  if (version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  if (version === '00' && value.length !== 55) return null;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

export function writeTraceparent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
}

/** What `tracestate` may be here: printable, and no longer than everybody has to pass on (§3.3.1.5). */
export function isTracestate(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,512}$/.test(value);
}
