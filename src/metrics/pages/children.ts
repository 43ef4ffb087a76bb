import type { VitalsMeter } from '../../actors/vitals.ts';
import type { MetricsPage } from '../exposition.ts';

/** What the processes of services take, all together. Without a /proc there is nothing to be said. */
export function childrenPage(vitals: Pick<VitalsMeter, 'latest'>): (page: MetricsPage) => Promise<void> {
  return async page => {
    const { services } = await vitals.latest();
    const known = services.flatMap(({ rssBytes }) => rssBytes ?? []);
    page.gauge(
      'services_with_processes',
      'Services whose backend is a process of this machine.',
      known.length,
    );
    page.gauge(
      'children_resident_bytes',
      'Memory of the process trees of all services.',
      known.reduce((sum, bytes) => sum + bytes, 0),
    );
  };
}
