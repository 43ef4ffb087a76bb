/** Starts tracing, if somebody wants it: OpenTelemetry is loaded only then. */
import type { Logger } from 'pino';
import type { GatewayMeters } from '../metrics/gateway-meters.ts';
import type { TracingSettings } from '../settings/tracing.ts';
import type { Tracing } from './port.ts';

export interface TracingParts {
  readonly logger: Logger;
  readonly version: string;
}

/** @param settings null: nothing is traced */
export async function openTracing(
  settings: TracingSettings | null,
  parts: TracingParts,
): Promise<Tracing | null> {
  if (settings === null) return null;
  const { startSdk } = await import('./otel/sdk.ts');
  const { GatewayTracing } = await import('./otel/gateway-tracing.ts');
  return new GatewayTracing(startSdk(settings, parts));
}

/** Who hears of each append: those who count, and those who trace. */
export function appendsHeard(meters: GatewayMeters, tracing: Tracing | null): GatewayMeters['appended'] {
  if (tracing === null) return meters.appended;
  return (durationMs, failed) => {
    meters.appended(durationMs, failed);
    tracing.appended(durationMs);
  };
}
