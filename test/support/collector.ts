/** A collector of traces, as small as OTLP over HTTP lets it be. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

type Value = { readonly stringValue?: string; readonly intValue?: number | string };

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
  readonly links?: readonly { readonly spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

export interface CollectedSpan extends Omit<OtlpSpan, 'attributes'> {
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

export interface Collector {
  readonly url: string;
  /** Every span so far, in order of arrival. */
  readonly spans: readonly CollectedSpan[];
  /** The texts and heads of all posts so far. */
  readonly posts: readonly {
    readonly text: string;
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
  }[];
  /** Resolves with the spans of a trace as soon as they are as wished; the test's own timeout is the bound. */
  until(
    traceId: string,
    wished: (spans: readonly CollectedSpan[]) => boolean,
  ): Promise<readonly CollectedSpan[]>;
  /** Takes posts, but answers none until `goOn`. */
  hang(): void;
  goOn(): void;
  close(): Promise<void>;
}

/** @param port 0: any free one */
export async function startCollector(port = 0): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const posts: Collector['posts'][number][] = [];
  const waiting = new Set<() => void>();
  const held: (() => void)[] = [];
  let hangs = false;
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString('utf8');
    posts.push({ text, path: request.url ?? '', headers: request.headers });
    spans.push(...spansIn(text));
    const answer = () => response.setHeader('content-type', 'application/json').end('{}');
    if (hangs) held.push(answer);
    else answer();
    for (const look of waiting) look();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    posts,
    until: (traceId, wished) =>
      new Promise(resolve => {
        const look = () => {
          const found = spans.filter(span => span.traceId === traceId);
          if (!wished(found)) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    hang: () => {
      hangs = true;
    },
    goOn: () => {
      hangs = false;
      for (const answer of held.splice(0)) answer();
    },
    close: async () => {
      server.close().closeAllConnections();
      await once(server, 'close');
    },
  };
}

function spansIn(text: string): CollectedSpan[] {
  const { resourceSpans } = JSON.parse(text) as {
    resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
  };
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(scope => scope.spans))
    .map(span => ({ ...span, attributes: Object.fromEntries(span.attributes.map(read)) }));
}

function read({ key, value }: OtlpSpan['attributes'][number]): [string, string | undefined] {
  return [key, value.stringValue ?? (value.intValue === undefined ? undefined : String(value.intValue))];
}

/** The spans below another, by its id, as names in a tree: children in order of their beginning. */
export function treeOf(spans: readonly CollectedSpan[], parentSpanId: string): unknown[] {
  return spans
    .filter(span => span.parentSpanId === parentSpanId)
    .sort((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1))
    .map(span => {
      const label = span.name === 'append' ? `append ${span.attributes['evergate.event']}` : span.name;
      const children = treeOf(spans, span.spanId);
      return children.length === 0 ? label : { [label]: children };
    });
}
