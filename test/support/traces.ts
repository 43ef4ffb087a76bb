/** A gateway that sends its traces to a collector of the test, and what tests ask of traces. */
import { type CollectedSpan, type Collector, startCollector } from './collector.ts';
import { removeDirectory, startGatewayWith, temporaryDirectory } from './gateway-process.ts';

/** The span of the client in `traceparent`. */
export const CLIENT_SPAN = '00f067aa0ba902b7';
export const traceOf = (digit: string) => digit.repeat(32);
export const traceparent = (digit: string, flags = '01') => `00-${traceOf(digit)}-${CLIENT_SPAN}-${flags}`;
export const toolCall = (name: string, _meta?: object, args: object = {}) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name, arguments: args, ...(_meta && { _meta }) },
});
export const named = (spans: readonly CollectedSpan[], name: string, kind?: number) => {
  const found = spans.find(span => span.name === name && (kind === undefined || span.kind === kind));
  if (found === undefined) throw new Error(`no span ${name} in ${spans.map(span => span.name).join(', ')}`);
  return found;
};
/** Kinds of spans. */
export const SERVER = 2;
export const CLIENT = 3;

interface Answer {
  readonly result?: { readonly content: readonly { readonly text: string }[] };
}
/** The `_meta` that the backend got, by the fixture's own account. */
export const metaIn = (body: unknown) => JSON.parse((body as Answer).result?.content[0]?.text ?? 'null');

export interface TracedGateway {
  readonly url: string;
  readonly collector: Collector;
  /** Address of a service at the Streamable HTTP front. */
  data(id: string): string;
  end(): Promise<void>;
}

export async function startTraced(): Promise<TracedGateway> {
  const dataDir = temporaryDirectory();
  const collector = await startCollector();
  // Spans are sent at once, for a test.
  const variables = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const gateway = await startGatewayWith(variables, dataDir);
  return {
    url: gateway.url,
    collector,
    data: id => `${gateway.url}/mcp/stream/proxy/${id}`,
    end: async () => {
      await gateway.end('SIGTERM');
      await collector.close();
      removeDirectory(dataDir);
    },
  };
}
