/** The routes of a gateway, as the app itself tells them. */
import type { RouteOptions } from 'fastify';
import type { Schema } from './from-schema.ts';

export interface Route {
  readonly method: string;
  readonly url: string;
  readonly body: Schema | null;
  readonly query: Schema | null;
}

export class Routes {
  readonly list: Route[] = [];

  readonly add = ({ method, url, schema }: RouteOptions): void => {
    const { body = null, querystring = null } = (schema ?? {}) as Readonly<
      Record<string, Schema | undefined>
    >;
    for (const name of [method].flat()) this.list.push({ method: name, url, body, query: querystring });
  };
}
