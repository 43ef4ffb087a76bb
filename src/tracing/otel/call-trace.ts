/**
 * The trace of one call, after OpenTelemetry's conventions for MCP: a span of the gateway as a server, under it the admission
 * with the time that the call was held, and a span of the gateway as the backend's client, whose context goes along.
 */
import { type Attributes, type Context, SpanKind, type Tracer } from '@opentelemetry/api';
import type { RefusalCode } from '../../actors/refusal.ts';
import type { ServiceType } from '../../actors/services.ts';
import type { Lane } from '../../backends/backend.ts';
import { readFailure } from '../../backends/rpc/failure.ts';
import type { RpcRequest } from '../../backends/rpc/json-rpc.ts';
import { readName, withTraceContext } from '../../backends/rpc/trace-meta.ts';
import { writeTraceparent } from '../../backends/rpc/traceparent.ts';
import type { CallOutcome } from '../../metrics/request-meters.ts';
import type { CallTrace } from '../port.ts';
import { ATTRIBUTES, beginStep, endStep, type Step } from './steps.ts';

/** Longest name of a span, in characters: methods and names of tools are their clients'. */
const LONGEST_NAME = 128;
/** Methods whose `params.name` is the target of the call, and the attribute for it. */
const TARGETS: ReadonlyMap<string, string> = new Map([
  ['tools/call', ATTRIBUTES.tool],
  ['prompts/get', ATTRIBUTES.prompt],
]);

export class OtelCallTrace implements CallTrace {
  readonly #tracer: Tracer;
  readonly #call: Step;
  readonly #serviceId: string;
  readonly #named: NamedCall;
  readonly #typeOf: (serviceId: string) => ServiceType | undefined;
  /** Else nothing is made for it but what the backend is told: that this trace is sampled out. */
  readonly #isRecorded: boolean;
  #admission: Step | null = null;
  #hold: Step | null = null;
  #backend: Step | null = null;
  #code: RefusalCode | '0000' = '0000';

  constructor(
    tracer: Tracer,
    call: Step,
    serviceId: string,
    named: NamedCall,
    typeOf: (serviceId: string) => ServiceType | undefined,
  ) {
    this.#tracer = tracer;
    this.#call = call;
    this.#serviceId = serviceId;
    this.#named = named;
    this.#typeOf = typeOf;
    this.#isRecorded = call.span.isRecording();
  }

  get cause(): Context {
    return (this.#hold ?? this.#admission ?? this.#call).context;
  }

  get startCause(): Context {
    this.hold();
    return this.cause;
  }

  refused(code: RefusalCode): void {
    this.#code = code;
  }

  admit(): void {
    if (this.#isRecorded) this.#admission ??= beginStep(this.#tracer, 'admission', this.#call.context);
  }

  hold(): void {
    if (this.#isRecorded) this.#hold ??= beginStep(this.#tracer, 'hold', this.cause);
  }

  admitted(): void {
    this.#leaveDoor();
  }

  forward(lane: Lane, message: RpcRequest): RpcRequest {
    if (this.#isRecorded) this.#backend = this.#beginBackend(lane);
    const {
      traceId,
      spanId,
      traceFlags: flags,
      traceState,
    } = (this.#backend ?? this.#call).span.spanContext();
    const context = {
      traceparent: writeTraceparent({ traceId, spanId, flags }),
      tracestate: traceState?.serialize() ?? '',
    };
    return { ...message, text: withTraceContext(message.text, context) };
  }

  end(outcome: CallOutcome, text?: string): void {
    const { span } = this.#call;
    if (!this.#isRecorded) return;
    const failure = text === undefined ? null : readFailure(text);
    const error = outcome === 'ok' && failure === null ? undefined : this.#errorOf(outcome, failure);
    this.#leaveDoor(error);
    const type = this.#typeOf(this.#serviceId);
    const shared: Attributes = {
      ...(type !== undefined && { [ATTRIBUTES.type]: type }),
      ...(typeof failure === 'number' && { [ATTRIBUTES.rpcStatus]: String(failure) }),
    };
    if (this.#backend !== null) {
      this.#backend.span.setAttributes(shared);
      endStep(this.#backend, error);
    }
    span.setAttributes({ ...shared, [ATTRIBUTES.outcome]: outcome });
    // Who hung up got no reply.
    if (outcome !== 'cancelled') span.setAttribute(ATTRIBUTES.code, this.#code);
    endStep(this.#call, error);
  }

  #beginBackend(lane: Lane): Step {
    const { name, attributes } = this.#named;
    return beginStep(this.#tracer, name, this.#call.context, {
      kind: SpanKind.CLIENT,
      attributes: {
        [ATTRIBUTES.id]: this.#serviceId,
        ...attributes,
        [ATTRIBUTES.version]: lane.handshake.protocolVersion,
        [ATTRIBUTES.transport]: lane.spawned === null ? 'tcp' : 'pipe',
      },
    });
  }

  /** The tool's own error, the backend's code, the gateway's code, or else the outcome (`error.type`). */
  #errorOf(outcome: CallOutcome, failure: number | 'tool' | null): string {
    if (failure === 'tool') return 'tool_error';
    if (failure !== null) return String(failure);
    return this.#code === '0000' || outcome === 'cancelled' ? outcome : this.#code;
  }

  #leaveDoor(error?: string): void {
    if (this.#hold !== null) endStep(this.#hold, error);
    if (this.#admission !== null) endStep(this.#admission, error);
    this.#hold = null;
    this.#admission = null;
  }
}

/** What a call is, as spans of it say. Of its arguments nothing but a tool's or prompt's name. */
export interface NamedCall {
  /** `{method} {target}`, as the conventions have it. */
  readonly name: string;
  readonly attributes: Attributes;
}

/** @param text the message's: a long one is made anew each time it is asked for */
export function nameCall({ method, id }: RpcRequest, text: string): NamedCall {
  const attribute = TARGETS.get(method);
  const target = attribute === undefined ? undefined : readName(text);
  const name = typeof target === 'string' ? `${method} ${target}` : method;
  return {
    name: name.slice(0, LONGEST_NAME),
    attributes: {
      [ATTRIBUTES.method]: method,
      [ATTRIBUTES.rpcId]: String(id),
      ...(attribute !== undefined && typeof target === 'string' && { [attribute]: target }),
      ...(attribute === ATTRIBUTES.tool && { [ATTRIBUTES.operation]: 'execute_tool' }),
    },
  };
}
