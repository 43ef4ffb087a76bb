/**
 * Whether and whereto calls are traced, from the standard variables of OpenTelemetry: whoever runs a collector has them
 * already. What is not read here (headers, certificates, compression, timeout, resource attributes) the exporter and the SDK
 * read by themselves, once they are loaded.
 */
import { SettingsError } from './settings-error.ts';
import type { Environment } from './sources.ts';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export interface TracingSettings {
  /** Where spans are posted, as OTLP over HTTP. May hold credentials: never logged whole. */
  readonly url: string;
  /** null: as SDK and resource attributes say, else `evergate`. */
  readonly serviceName: string | null;
  /** Part of the traces that are recorded, 0 to 1, of those that begin here. */
  readonly ratio: number;
  /** Whether a client's own decision about its trace goes before the ratio. */
  readonly parentBased: boolean;
  /** Spans that wait for the collector; what is past it is dropped. */
  readonly maxQueuedSpans: number;
  readonly maxBatchSpans: number;
  /** Time between two posts, and the longest one may take, in ms. */
  readonly scheduleDelayMs: number;
  readonly exportTimeoutMs: number;
}

/** null: no endpoint is set, or tracing is switched off. @throws {SettingsError} naming the variable and the remedy */
export function readTracing(env: Environment): TracingSettings | null {
  const url = readUrl(env);
  if (url === null || isOff(env)) return null;
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol === 'grpc') {
    throw new SettingsError(
      'OTEL_EXPORTER_OTLP_PROTOCOL must be http/json: the gateway sends OTLP over HTTP, which collectors take on port 4318',
    );
  }
  const maxQueuedSpans = readCount(env, 'OTEL_BSP_MAX_QUEUE_SIZE', 2_048);
  return {
    url,
    serviceName: env.OTEL_SERVICE_NAME || null,
    ...readSampler(env),
    maxQueuedSpans,
    maxBatchSpans: Math.min(readCount(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512), maxQueuedSpans),
    scheduleDelayMs: readCount(env, 'OTEL_BSP_SCHEDULE_DELAY', 5_000),
    exportTimeoutMs: readCount(env, 'OTEL_BSP_EXPORT_TIMEOUT', 30_000),
  };
}

function readUrl(env: Environment): string | null {
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (own) return requireUrl('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', own).href;
  const shared = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!shared) return null;
  const url = requireUrl('OTEL_EXPORTER_OTLP_ENDPOINT', shared);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url.href;
}

/** The value is not repeated: it can hold a password. */
function requireUrl(name: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new SettingsError(`${name} must be an http or https URL, such as http://127.0.0.1:4318`);
}

function isOff(env: Environment): boolean {
  const exporter = env.OTEL_TRACES_EXPORTER || 'otlp';
  if (exporter !== 'otlp' && exporter !== 'none')
    throw new SettingsError('OTEL_TRACES_EXPORTER must be otlp or none; unset it for otlp');
  return exporter === 'none' || env.OTEL_SDK_DISABLED?.toLowerCase() === 'true';
}

function readSampler(env: Environment): Pick<TracingSettings, 'ratio' | 'parentBased'> {
  const name = env.OTEL_TRACES_SAMPLER || 'parentbased_always_on';
  if (!SAMPLERS.some(known => known === name))
    throw new SettingsError(`OTEL_TRACES_SAMPLER must be one of ${SAMPLERS.join(', ')}`);
  const parentBased = name.startsWith('parentbased_');
  if (!name.endsWith('traceidratio')) return { parentBased, ratio: name.endsWith('always_on') ? 1 : 0 };
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG || '1');
  if (!(ratio >= 0 && ratio <= 1))
    throw new SettingsError('OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, such as 0.1');
  return { parentBased, ratio };
}

function readCount(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (!text) return fallback;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new SettingsError(`${name} must be a whole number from 1 to 999999999`);
}
