import { Compile } from 'typebox/schema';
import { describe, expect, it } from 'vitest';
import { allRoutes, openApiDocument } from '../../../scripts/docs/openapi.ts';
import { dataRoutes } from '../../../src/http/fronts/descriptions.ts';
import { apiApp } from '../../support/api-app.ts';
import { stdioConfig, testApp } from '../../support/http-app.ts';

/** Routes that are no API: the page and its files, this document and its page, what OAuth prescribes. */
const APART = /^\/(ui(\/.*)?|docs|openapi\.json|\.well-known\/.*)?$/;

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly tags: readonly { readonly name: string }[];
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const document = async () => JSON.parse(await openApiDocument()) as Document;
const operationsOf = ({ paths }: Document) => Object.values(paths).flatMap(methods => Object.values(methods));

describe('the OpenAPI document', () => {
  it('has every route but the page and its like, with what it answers and the scope it needs', async () => {
    const { paths } = await document();
    const routes = await allRoutes();
    expect(routes.length).toBeGreaterThan(25);
    for (const { method, url, scope } of routes) {
      const operation = paths[url.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      if (APART.test(url)) expect(operation).toBeUndefined();
      else {
        expect(operation?.security, url).toEqual(scope === 'open' ? [] : [{ token: [scope] }]);
        expect(Object.keys(operation?.responses ?? {}), url).not.toEqual([]);
      }
    }
  });

  it('describes exactly the data routes there are', async () => {
    const registered = (await allRoutes()).filter(({ url }) => url.includes('/proxy/'));
    const names = (routes: readonly { readonly method: string; readonly url: string }[]) =>
      routes.map(({ method, url }) => `${method} ${url}`).sort();
    expect(names(dataRoutes)).toEqual(names(registered));
  });

  it('names each operation once, with tags that are explained, and every reference leads somewhere', async () => {
    const whole = await document();
    const ids = operationsOf(whole).map(({ operationId }) => operationId);
    expect(ids.filter(id => !/^[a-z]\w+$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = whole.tags.map(({ name }) => name);
    expect(
      operationsOf(whole)
        .flatMap(each => each.tags)
        .filter(tag => !tags.includes(tag)),
    ).toEqual([]);
    const references = [...JSON.stringify(whole).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref);
    const known = Object.keys(whole.components.schemas).map(name => `#/components/schemas/${name}`);
    expect(references.filter(ref => !known.includes(String(ref)))).toEqual([]);
    expect(known.filter(ref => !references.includes(ref))).toEqual([]);
  });

  it('is served as it is written, without a token', async () => {
    const sha256 = Buffer.alloc(32);
    const token = { name: 'a', scopes: ['view'] as const, services: null, sha256 };
    const { app } = testApp({ settings: { authTokens: [token] } });
    const reply = await app.inject('/openapi.json');
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.body).toBe(await openApiDocument());
  });
});

/** The schema of a JSON answer, with what it refers to in the place of each reference. */
function answerSchema(whole: Document, method: string, path: string, status: number): object {
  const responses = whole.paths[path]?.[method.toLowerCase()]?.responses ?? {};
  const answer = responses[status] ?? responses.default;
  const { content = {} } = Object(answer) as { content?: Record<string, { schema: object }> };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref } = value as { $ref?: string };
    if ($ref !== undefined) return resolve(whole.components.schemas[$ref.slice($ref.lastIndexOf('/') + 1)]);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
  };
  return resolve(content['application/json']?.schema) as object;
}

describe('what the gateway answers', () => {
  it.each([
    ['PUT', '/api/v1/services/{id}', '', { type: 'Persistent', config: stdioConfig }],
    ['GET', '/api/v1/services', '', null],
    ['GET', '/api/v1/services/{id}', '', null],
    ['GET', '/api/v1/services/{id}/events', '', null],
    ['GET', '/api/v1/services/{id}/events', '?after=x', null],
    ['GET', '/api/v1/services/{id}/state', '?at=1', null],
    ['GET', '/api/v1/services/{id}/state', '?at=0', null],
    ['POST', '/api/v1/services/{id}/start', '', null],
    ['POST', '/api/v1/services/{id}/stop', '', null],
    ['POST', '/api/v1/services/{id}/restart', '', null],
    ['GET', '/api/v1/statechart', '', null],
    ['GET', '/mcp/check/status/{id}', '', null],
    ['POST', '/mcp/sse/check_status', '', { mcpId: 'a', mcpJsonConfig: stdioConfig }],
    ['POST', '/mcp/sse/check_status', '', { mcpId: 7 }],
    ['DELETE', '/mcp/config/delete/{id}', '', null],
    ['DELETE', '/api/v1/services/{id}', '', null],
  ] as const)('%s %s%s: is as the document says', async (method, path, query, payload) => {
    const { app, stage } = apiApp();
    if (method !== 'DELETE') await stage.ready('a', 'Persistent');
    const url = `${path.replace('{id}', 'a')}${query}`;
    const reply = await app.inject({ method, url, ...(payload === null ? {} : { payload }) });
    const schema = answerSchema(await document(), method, path, reply.statusCode);
    expect(Object.keys(schema)).toContain('properties');
    const [, faults] = Compile(schema).Errors(reply.json());
    expect(faults).toEqual([]);
  });
});

describe('GET /docs', () => {
  it('is one page that runs nothing and loads nothing, with every operation and schema', async () => {
    const { app } = testApp();
    const reply = await app.inject('/docs');
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(reply.headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; /);
    expect(reply.body).not.toMatch(/<script|<img|<link|@import|url\(|\sstyle=|\son\w+=/);
    expect(reply.body.match(/<style>/g)).toHaveLength(1);
    const whole = await document();
    for (const { operationId } of operationsOf(whole))
      expect(reply.body).toContain(`<details id="${operationId}">`);
    for (const name of Object.keys(whole.components.schemas))
      expect(reply.body).toContain(`<details id="schema-${name}">`);
    for (const [, anchor] of reply.body.matchAll(/href="#([^"]*)"/g))
      expect(reply.body).toContain(`id="${anchor}"`);
  });
});
