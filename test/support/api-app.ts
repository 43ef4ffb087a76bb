/** The API over real actors, a log in memory and backends that a test steers. */
import type { FastifyInstance } from 'fastify';
import { Compile } from 'typebox/schema';
import { expect, onTestFinished } from 'vitest';
import { createObservatory } from '../../src/actors/observatory.ts';
import type { TreeUsage } from '../../src/backends/stdio/tree-usage.ts';
import { type AppOptions, buildApp } from '../../src/http/app.ts';
import { defaultFrontSettings } from '../../src/http/fronts/settings.ts';
import { namedSchemas } from '../../src/http/routes/api/v1/schemas/index.ts';
import type { StreamSettings } from '../../src/http/routes/api/v1/streams/record-streams.ts';
import { Stage, settings } from './actors-fixtures.ts';

export interface ApiApp {
  readonly app: FastifyInstance;
  readonly stage: Stage;
  /** What went wrong behind the answers. */
  readonly faults: unknown[];
  /** What the process trees take, by the pid of their roots. */
  readonly trees: Map<number, TreeUsage>;
  /** The `data` of a successful answer. */
  get(url: string, headers?: Record<string, string>): Promise<Record<string, unknown>>;
  /** HTTP status and code of any answer. */
  codes(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string): Promise<[number, string]>;
}

/** Closes itself when the test is over. */
export function apiApp(
  options: Partial<AppOptions> & { streams?: Partial<StreamSettings> } = {},
  stage = new Stage(),
): ApiApp {
  const { streams: streamSettings, ...appOptions } = options;
  const faults: unknown[] = [];
  const trees = new Map<number, TreeUsage>();
  const { registry, log, clock } = stage;
  const onFault = (fault: unknown) => faults.push(fault);
  const observatory = createObservatory({
    log,
    live: registry.live,
    clock,
    settings,
    readTrees: async () => trees,
    onFault,
  });
  const streams = { ...defaultFrontSettings, ...streamSettings };
  const api = { ...observatory, services: registry, operator: registry, clock, streams };
  const app = buildApp({
    services: registry,
    api,
    readiness: () => true,
    fronts: (_app, _options, done) => done(),
    ...appOptions,
  });
  onTestFinished(() => app.close());
  return {
    app,
    stage,
    faults,
    trees,
    get: async (url, headers = {}) => {
      const reply = await app.inject({ url, headers });
      const body = reply.json();
      if (body.code !== '0000') throw new Error(reply.body);
      return body.data;
    },
    codes: async (method, url) => {
      const reply = await app.inject({ method, url });
      return [reply.statusCode, reply.json().code];
    },
  };
}

const named = Object.fromEntries(namedSchemas.map(schema => [schema.$id, schema]));

/** That a value is as the schema of that name in the OpenAPI document says, and has no more than it names. */
export function expectSchema(name: string, value: unknown): void {
  const schema = named[name];
  if (schema === undefined) throw new Error(`no schema is called ${name}`);
  const [, faults] = Compile(schema).Errors(value);
  expect(faults).toEqual([]);
  const { properties } = schema as { properties?: object };
  expect(Object.keys(Object(value)).filter(key => !Object.hasOwn(properties ?? {}, key))).toEqual([]);
}
