/** `evergate status --watch`: the table again whenever something changed, from one live stream. */
import type { Terminal } from '../command.ts';
import { follow } from './follow.ts';
import type { GatewayClient } from './gateway-client.ts';
import { listServices, type ServiceFilter, vitalsIn } from './read-services.ts';
import type { ShownServices, ShownVitals } from './shapes.ts';

/** Services shown at most: more fit no screen. */
const MOST_SHOWN = 1_000;

/**
 * Shows the services again with every measurement (2 s), and reads them again when one of them changed; until nobody reads
 * `terminal.out`. @throws {GatewayRefusal | GatewayUnreachable} at the beginning
 */
export async function watch(
  client: GatewayClient,
  filter: ServiceFilter,
  terminal: Terminal,
  show: (shown: ShownServices) => void,
): Promise<void> {
  let listed = await listServices(client, filter, MOST_SHOWN);
  let vitals: ReadonlyMap<string, ShownVitals> = new Map();
  let changed = false;
  show({ ...listed, vitals });
  const stream = { path: '/events', query: { vitals: 1 }, lastEventId: null };
  const onAgain = () => {
    changed = true;
  };
  for await (const event of follow(client, terminal, { ...stream, onAgain })) {
    if (event.type !== 'vitals') {
      changed = true;
      continue;
    }
    vitals = vitalsIn(event.data);
    if (changed) listed = await listServices(client, filter, MOST_SHOWN);
    changed = false;
    show({ ...listed, vitals });
  }
}
