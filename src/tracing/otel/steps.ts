/** A span and the context of what belongs under it: handed on by hand, since nothing here is kept by async hooks. */
import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isTracestate, readTraceparent } from '../../backends/rpc/traceparent.ts';

/** Names of attributes that OpenTelemetry has no convention for, or one in the making (MCP, generative AI). */
export const ATTRIBUTES = {
  id: 'mcp.id',
  type: 'mcp.type',
  front: 'mcp.protocol',
  version: 'mcp.protocol.version',
  method: 'mcp.method.name',
  tool: 'gen_ai.tool.name',
  prompt: 'gen_ai.prompt.name',
  operation: 'gen_ai.operation.name',
  rpcId: 'jsonrpc.request.id',
  rpcStatus: 'rpc.response.status_code',
  transport: 'network.transport',
  error: 'error.type',
  code: 'evergate.code',
  outcome: 'evergate.outcome',
  tid: 'evergate.tid',
  seq: 'evergate.seq',
  event: 'evergate.event',
  state: 'evergate.state',
  generation: 'evergate.generation',
} as const;

/** Epoch ms with fractions: the SDK's own clock is coarse where a start is given. */
export const now = (): number => performance.timeOrigin + performance.now();

export interface Step {
  readonly span: Span;
  readonly context: Context;
}

/** Begins a span under another, or a trace of its own under `ROOT_CONTEXT`. */
export function beginStep(tracer: Tracer, name: string, parent: Context, options: SpanOptions = {}): Step {
  const span = tracer.startSpan(name, { startTime: now(), ...options }, parent);
  return { span, context: trace.setSpan(parent, span) };
}

/** @param error what went wrong, as a word of few; absent: nothing. Reasons stay out: they can quote what must not be shown */
export function endStep({ span }: Step, error?: string): void {
  if (error !== undefined) {
    span.setAttribute(ATTRIBUTES.error, error);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(now());
}

/** A client's own span, of its `traceparent` and `tracestate`; null when they name none. */
export function remoteSpan(traceparent: unknown, tracestate: unknown): SpanContext | null {
  const parent = readTraceparent(traceparent);
  if (parent === null) return null;
  const { traceId, spanId, flags } = parent;
  return {
    traceId,
    spanId,
    traceFlags: flags & 1,
    isRemote: true,
    ...(isTracestate(tracestate) && { traceState: createTraceState(tracestate) }),
  };
}

/** The context under a remote span; the root without one. */
export function under(remote: SpanContext | null): Context {
  return remote === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote);
}
