/** Tracing by OpenTelemetry: traces of calls, of requests that manage services, and of what both bring about. */
import { type Context, type Link, type SpanContext, SpanKind } from '@opentelemetry/api';
import type { LiveServices } from '../../actors/live.ts';
import type { ServiceType } from '../../actors/services.ts';
import { readTraceMeta } from '../../backends/rpc/trace-meta.ts';
import type { CallTrace, CommandTrace, RequestTrace, TracedCall, TracedCommand, Tracing } from '../port.ts';
import { nameCall, OtelCallTrace } from './call-trace.ts';
import { OtelCommandTrace } from './command-trace.ts';
import type { Sdk } from './sdk.ts';
import { ServiceTraces } from './service-traces.ts';
import { ATTRIBUTES, beginStep, now, remoteSpan, type Step, under } from './steps.ts';

export class GatewayTracing implements Tracing {
  readonly #sdk: Sdk;
  readonly #transitions: ServiceTraces;
  /** null: none are followed yet. */
  #services: Pick<LiveServices, 'find'> | null = null;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
    this.#transitions = new ServiceTraces(sdk.tracer);
  }

  /** What the message says of its trace goes before the headers, which are of its transport: they are linked, then. */
  call(given: TracedCall): CallTrace {
    const { headers, message, tid, serviceId, front } = given;
    const { text, method } = message;
    const outer = remoteSpan(headers.traceparent, headers.tracestate);
    const meta = readTraceMeta(text);
    const inner = remoteSpan(meta.traceparent, meta.tracestate);
    const links = inner !== null && outer !== null && inner.spanId !== outer.spanId ? [linkTo(outer)] : [];
    const step = this.#begin(method, under(inner ?? outer), given, { links });
    const isRecorded = step.span.isRecording();
    const named = isRecorded ? nameCall(message, text) : { name: method, attributes: {} };
    if (isRecorded) {
      step.span.updateName(named.name);
      step.span.setAttributes({ ...named.attributes, [ATTRIBUTES.id]: serviceId, [ATTRIBUTES.front]: front });
      if (step.span.spanContext().traceId !== tid) step.span.setAttribute(ATTRIBUTES.tid, tid);
    }
    // The message is not kept: it can be long, and so can the call be.
    return new OtelCallTrace(this.#sdk.tracer, step, serviceId, named, id => this.#typeOf(id));
  }

  command(given: TracedCommand): CommandTrace {
    const { method, route, serviceId, headers } = given;
    const parent = under(remoteSpan(headers.traceparent, headers.tracestate));
    const step = this.#begin(`${method} ${route}`, parent, given);
    step.span.setAttributes({ 'http.request.method': method, 'http.route': route });
    if (serviceId !== null) step.span.setAttribute(ATTRIBUTES.id, serviceId);
    return new OtelCommandTrace(step);
  }

  appended(durationMs: number): void {
    this.#transitions.appended(durationMs);
  }

  follow(services: LiveServices, cause: () => RequestTrace | null): void {
    this.#services = services;
    this.#transitions.follow(services.events, cause);
  }

  close(): Promise<void> {
    return this.#sdk.close();
  }

  #typeOf(serviceId: string): ServiceType | undefined {
    return this.#services?.find(serviceId)?.state.context.type;
  }

  #begin(
    name: string,
    parent: Context,
    { tid, ageMs }: TracedCall | TracedCommand,
    { links = [] }: { readonly links?: Link[] } = {},
  ): Step {
    const options = { kind: SpanKind.SERVER, startTime: now() - ageMs, links };
    return this.#sdk.ids.using(tid, () => beginStep(this.#sdk.tracer, name, parent, options));
  }
}

const linkTo = (context: SpanContext): Link => ({ context });
