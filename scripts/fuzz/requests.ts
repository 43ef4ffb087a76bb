/** Requests for a route, as data: the same seed makes the same ones. */
import fc from 'fast-check';
import { valueBy } from './from-schema.ts';
import { goodCalls } from './good-calls.ts';
import { rpcBody } from './messages.ts';
import type { Route } from './routes.ts';
import { headers, MEANINGS, pathId, wellFormed } from './values.ts';

export interface Plan {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** Which of the sessions seen so far to present: a number that is reduced to their count; null: none. */
  readonly session: number | null;
  /** Whether that session has to be one of the service and front it is presented to; it is opened if there is none. */
  readonly fits: boolean;
  /** The same for event ids. */
  readonly event: number | null;
  /** Hangs up instead of reading the answer. */
  readonly impatient: boolean;
}

const BODILESS = new Set(['GET', 'HEAD', 'DELETE']);
/** Of requests that are to get past the door; the others find out what it does. */
const TOKEN = { authorization: 'Bearer all' };

export function planFor(routes: readonly Route[]): fc.Arbitrary<Plan> {
  const known = fc.oneof(...routes.map(route => ({ weight: weightOf(route), arbitrary: plansOf(route) })));
  return fc.oneof(
    { weight: 18, arbitrary: known },
    { weight: 12, arbitrary: goodCalls },
    { weight: 1, arbitrary: astray(routes) },
  );
}

/** Data routes more often than others, and what ends services less: else there would never be one to talk to. */
function weightOf({ method, url }: Route): number {
  if (/\/proxy\/:id\/(?:sse|message)$|\/stream\/proxy\/:id$/.test(url) && !url.startsWith('/.')) return 60;
  return /\/(?:stop|restart)$/.test(url) || (method === 'DELETE' && !url.includes('/proxy/')) ? 1 : 10;
}

function plansOf(route: Route): fc.Arbitrary<Plan> {
  return fc
    .record({
      ids: fc.array(pathId, { minLength: 3, maxLength: 3 }),
      query: queryOf(route),
      headers: fc.tuple(headers, fc.nat(9)),
      body: bodyOf(route),
      session: fc.option(fc.nat(), { freq: 2 }),
      fits: fc.constant(false),
      event: fc.option(fc.nat(), { freq: 4 }),
      impatient: fc.nat(19).map(n => n === 0),
    })
    .map(({ ids, query, headers: [chosen, keep], ...plan }) => {
      let next = 0;
      const path = route.url.replaceAll(/:\w+|\*/g, () => ids[next++ % ids.length] ?? 'a');
      // Most requests have a good token and name the right host.
      const { host: _host, origin: _origin, authorization: _authorization, ...harmless } = chosen;
      const sent = keep === 0 ? chosen : { ...harmless, ...TOKEN };
      const given = Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined);
      return { ...plan, method: route.method, path: path + query, headers: Object.fromEntries(given) };
    });
}

function queryOf({ query }: Route): fc.Arbitrary<string> {
  const fields = Object.entries(query?.properties ?? {}).map(([name, schema]) => [
    name,
    valueBy(schema, {}, name),
  ]);
  const byschema = fc
    .record(Object.fromEntries(fields), { requiredKeys: [] })
    .map(values =>
      Object.entries(values).map(
        ([name, value]) => `${name}=${encodeURIComponent(wellFormed(inQuery(value)))}`,
      ),
    );
  const any = fc.constantFrom(
    '',
    '?',
    '?sessionId=x',
    '?a=1&a=2',
    '?__proto__=x',
    '?sessionId=x&sessionId=',
    '?%zz=%',
    '?x'.repeat(200),
  );
  const asked = byschema.map(pairs => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
  return fc.oneof({ weight: 5, arbitrary: asked }, { weight: 1, arbitrary: any });
}

/** Objects as JSON: one with a member `toString` is no text by itself. */
const inQuery = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function bodyOf({ method, body }: Route): fc.Arbitrary<Buffer | null> {
  if (BODILESS.has(method))
    return fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: rpcBody });
  if (body === null) return rpcBody;
  const json = valueBy(body, MEANINGS).map(value => Buffer.from(JSON.stringify(value)));
  return fc.oneof({ weight: 9, arbitrary: json }, { weight: 1, arbitrary: rpcBody });
}

/** Other methods on known paths, and paths that are no routes. */
function astray(routes: readonly Route[]): fc.Arbitrary<Plan> {
  const method = fc.constantFrom(
    'GET',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'HEAD',
    'TRACE',
    'PROPFIND',
  );
  const path = fc.oneof(
    fc.constantFrom(...routes.map(({ url }) => url.replaceAll(/:\w+/g, 'a'))),
    fc.stringMatching(/^\/[!-~]{0,40}$/),
    fc.constantFrom(
      '//',
      '/mcp/',
      '/mcp/stream/proxy/',
      '/mcp/stream/proxy/a/b/c',
      '/%',
      '/api/v1/',
      '/..',
      '/api/v2/services',
    ),
  );
  return fc.record({
    method,
    path,
    headers: fc.constant(TOKEN),
    body: fc.oneof(fc.constant(null), rpcBody),
    session: fc.constant(null),
    fits: fc.constant(false),
    event: fc.constant(null),
    impatient: fc.constant(false),
  });
}
