/** OpenTelemetry's SDK, put together by hand: a provider of our own, nothing global. Loaded only where tracing is on. */
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  type IdGenerator,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingSettings } from '../../settings/tracing.ts';
import type { TracingParts } from '../open.ts';
import { WatchedExporter } from './watched-exporter.ts';

/** How long the last spans may take to leave, in ms: an end of the gateway must not wait for a collector that is gone. */
const LAST_FLUSH_MS = 3_000;
/** Longest text in an attribute, in characters: methods and names of tools are their clients'. */
const LONGEST_VALUE = 256;

export interface Sdk {
  readonly tracer: Tracer;
  readonly ids: TraceIds;
  close(): Promise<void>;
}

export function startSdk(settings: TracingSettings, { logger, version }: TracingParts): Sdk {
  const ids = new TraceIds();
  const exporter = new WatchedExporter(new OTLPTraceExporter({ url: settings.url }), {
    collector: new URL(settings.url).origin,
    logger,
  });
  const name = settings.serviceName ?? 'evergate';
  const named = resourceFromAttributes({ 'service.name': 'evergate', 'service.version': version });
  const provider = new TracerProvider({
    idGenerator: ids,
    sampler: samplerOf(settings),
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(resourceFromAttributes(settings.serviceName === null ? {} : { 'service.name': name })),
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: settings.maxQueuedSpans,
        maxExportBatchSize: settings.maxBatchSpans,
        scheduledDelayMillis: settings.scheduleDelayMs,
        exportTimeoutMillis: settings.exportTimeoutMs,
      }),
    ],
  });
  return {
    tracer: provider.getTracer('evergate', version),
    ids,
    close: () => within(LAST_FLUSH_MS, provider.shutdown()),
  };
}

function samplerOf({ ratio, parentBased }: TracingSettings): Sampler {
  const root = rootSampler(ratio);
  return parentBased ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(ratio: number): Sampler {
  if (ratio === 1) return new AlwaysOnSampler();
  return ratio === 0 ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
}

/** Resolves with the work or when its time is over. A failure is the exporter's to tell. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => {}), over]);
  clearTimeout(timer);
}

/** A trace that begins here has the id that the answer and the log lines of its request have. */
export class TraceIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #next: string | null = null;

  /** Makes `start` begin its trace with an id, if it begins one. */
  using<T>(traceId: string, start: () => T): T {
    this.#next = traceId;
    try {
      return start();
    } finally {
      this.#next = null;
    }
  }

  readonly generateTraceId = (): string => this.#next ?? this.#random.generateTraceId();
  readonly generateSpanId = (): string => this.#random.generateSpanId();
}
