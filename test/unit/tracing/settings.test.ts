import { describe, expect, it } from 'vitest';
import { readTracing } from '../../../src/settings/tracing.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('the variables of OpenTelemetry', () => {
  it.each([
    [{}],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }],
    [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }],
    [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
  ])('given %j, then nothing is traced', env => {
    expect(readTracing(env)).toBeNull();
  });

  it.each([
    [ENDPOINT, 'http://collector:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector/otel/' }, 'https://collector/otel/v1/traces'],
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:1/at/all' }, 'http://c:1/at/all'],
  ])('given %j, then spans go to %s', (env, url) => {
    expect(readTracing(env)?.url).toBe(url);
  });

  it.each([
    [{}, 1, true],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 0.25, true],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 0, false],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0, false],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0, true],
  ])('given %j, then %d of the traces are recorded; the parent decides: %s', (env, ratio, parentBased) => {
    expect(readTracing({ ...ENDPOINT, ...env })).toMatchObject({ ratio, parentBased });
  });

  it('given a queue that is smaller than a batch, then batches are as small', () => {
    expect(readTracing({ ...ENDPOINT, OTEL_BSP_MAX_QUEUE_SIZE: '8' })).toMatchObject({
      maxQueuedSpans: 8,
      maxBatchSpans: 8,
      scheduleDelayMs: 5_000,
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'user:planted@collector'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://planted'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_EXPORTER', 'planted'],
    ['OTEL_TRACES_SAMPLER', 'planted'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
    ['OTEL_BSP_SCHEDULE_DELAY', 'soon'],
  ])('given %s=%s, then the variable is named, and what it held is not repeated', (name, value) => {
    const read = () => readTracing({ ...ENDPOINT, [name]: value });
    expect(read).toThrow(name);
    expect(read).not.toThrow('planted');
  });

  it.each(['1.5', '-1', 'half'])('given OTEL_TRACES_SAMPLER_ARG=%s, then it is named', ratio => {
    const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: ratio };
    expect(() => readTracing(env)).toThrow('OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1');
  });
});
