/** Tracing that nobody asked for, or whose collector is gone: a gateway of its own process serves as if there were none. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCollector } from '../../support/collector.ts';
import { freePort } from '../../support/free-port.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGatewayWith,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { configHeader, knock, post, tinyServer } from '../../support/http-client.ts';

const PRELOAD = new URL('../../fixtures/tell-loaded.mjs', import.meta.url).href;
const NOBODY = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };

async function started(variables: Record<string, string>, ...flags: string[]): Promise<RunningGateway> {
  const dataDir = temporaryDirectory();
  onTestFinished(() => removeDirectory(dataDir));
  const gateway = await startGatewayWith({ OTEL_BSP_SCHEDULE_DELAY: '50', ...variables }, dataDir, ...flags);
  onTestFinished(async () => {
    await gateway.end('SIGKILL');
  });
  return gateway;
}

interface Answer {
  readonly result?: { readonly content: readonly { readonly text: string }[] };
}

/** Calls a tool of a service that serves; resolves with its text. */
async function serving({ url }: RunningGateway): Promise<() => Promise<string | undefined>> {
  const headers = { 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'OneShot' };
  const opened = await knock(url, 'svc', headers);
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  const params = { name: 'echo', arguments: { message: 'there' } };
  const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params };
  return async () => {
    const { body } = await post(`${url}/mcp/stream/proxy/svc`, call, session);
    return (body as unknown as Answer).result?.content[0]?.text;
  };
}

const linesAbout = (gateway: RunningGateway, words: string) =>
  gateway
    .log()
    .split('\n')
    .filter(line => line.includes(words));

describe('tracing that is off', () => {
  it.each([
    ['no endpoint is set', false, {}],
    ['the SDK is disabled', false, { ...NOBODY, OTEL_SDK_DISABLED: 'true' }],
    ['an endpoint is set', true, NOBODY],
  ])('given that %s, then OpenTelemetry is loaded: %s', async (_given, loaded, variables) => {
    const gateway = await started({ NODE_OPTIONS: `--import=${PRELOAD}`, ...variables });
    expect(await (await serving(gateway))()).toBe('there');
    expect(await gateway.end('SIGTERM')).toBe(0);
    const [, count] = /^modules of opentelemetry: (\d+)$/m.exec(gateway.log()) ?? [];
    expect(Number(count) > 0).toBe(loaded);
  });

  it('given a value that means nothing, then the gateway does not start and names the variable', async () => {
    await expect(started({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).rejects.toThrow(
      /OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL/,
    );
  });
});

describe('tracing whose collector is gone', () => {
  it('given that, then calls go on, one line tells of it, and one when it is back', async () => {
    const port = await freePort();
    const gateway = await started({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://user:planted@127.0.0.1:${port}/somewhere`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
    });
    const call = await serving(gateway);
    while (linesAbout(gateway, 'takes no spans').length === 0) expect(await call()).toBe('there');
    for (let calls = 0; calls < 50; calls++) expect(await call()).toBe('there');
    const collector = await startCollector(port);
    onTestFinished(() => collector.close());
    while (linesAbout(gateway, 'takes spans again').length === 0) expect(await call()).toBe('there');
    expect(collector.posts[0]?.path).toBe('/somewhere');
    const [line = '{}', another] = linesAbout(gateway, 'takes no spans');
    expect(another).toBeUndefined();
    expect(JSON.parse(line)).toMatchObject({ level: 'warn', collector: `http://127.0.0.1:${port}` });
    expect(gateway.log()).not.toContain('planted');
  });

  it('given spans that wait for their time, when the gateway ends, then they are sent', async () => {
    const collector = await startCollector();
    onTestFinished(() => collector.close());
    const gateway = await started({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '600000',
    });
    expect(await (await serving(gateway))()).toBe('there');
    expect(collector.spans).toEqual([]);
    expect(await gateway.end('SIGTERM')).toBe(0);
    expect(collector.spans.map(({ name }) => name)).toContain('tools/call echo');
  });

  it('given more spans than may wait for it (invariant 10), then those beyond are dropped', async () => {
    const collector = await startCollector();
    onTestFinished(() => collector.close());
    const gateway = await started({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '600000',
      OTEL_BSP_MAX_QUEUE_SIZE: '8',
    });
    const call = await serving(gateway);
    collector.hang();
    for (let calls = 0; calls < 20; calls++) expect(await call()).toBe('there');
    const before = collector.spans.length;
    collector.goOn();
    expect(await gateway.end('SIGTERM')).toBe(0);
    // 20 calls have 60 spans: some are on their way, 8 wait.
    expect(collector.spans.length - before).toBe(8);
  });

  it('given one that takes and never answers, when the gateway ends, then it does not wait for it for long', async () => {
    const collector = await startCollector();
    onTestFinished(() => collector.close());
    const patient = { OTEL_EXPORTER_OTLP_TIMEOUT: '600000', OTEL_BSP_EXPORT_TIMEOUT: '600000' };
    const gateway = await started(
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...patient },
      '--drain-grace-ms',
      '100',
      '--stop-grace-ms',
      '100',
    );
    collector.hang();
    expect(await (await serving(gateway))()).toBe('there');
    expect(await gateway.end('SIGTERM')).toBe(0);
  });
});
