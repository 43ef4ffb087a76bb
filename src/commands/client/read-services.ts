/** Services of a gateway, all pages of them. */
import type { GatewayClient } from './gateway-client.ts';
import type { ShownPage, ShownService, ShownVitals } from './shapes.ts';

export interface ServiceFilter {
  readonly state: string | undefined;
  readonly type: string | undefined;
  /** Part of the id. */
  readonly q: string | undefined;
}

export interface ListedServices {
  readonly services: readonly ShownService[];
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
}

/** How long a gateway may take to measure, in ms; without, there are no figures. */
const VITALS_TIMEOUT_MS = 5_000;

/** @param most stop when there are so many @throws {GatewayRefusal | GatewayUnreachable} */
export async function listServices(
  client: GatewayClient,
  filter: ServiceFilter,
  most = Number.POSITIVE_INFINITY,
): Promise<ListedServices> {
  const services: ShownService[] = [];
  const unreadable: { id: string; reason: string }[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.get<ShownPage<ShownService>>('/services', { ...filter, limit: 200, cursor });
    services.push(...page.items);
    unreadable.push(...(page.unreadable ?? []));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && services.length < most);
  return { services, unreadable };
}

/** How the services that run are doing, by id; empty when the gateway does not tell in time. */
export async function readVitals(client: GatewayClient): Promise<ReadonlyMap<string, ShownVitals>> {
  const signal = AbortSignal.timeout(VITALS_TIMEOUT_MS);
  for await (const { type, data } of client.events('/events', { vitals: 1 }, null, { signal })) {
    if (type === 'vitals') return vitalsIn(data);
  }
  return new Map();
}

export function vitalsIn(data: string): ReadonlyMap<string, ShownVitals> {
  const { services } = JSON.parse(data) as { services: ShownVitals[] };
  return new Map(services.map(each => [each.id, each]));
}
