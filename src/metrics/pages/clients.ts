import type { MetricsPage } from '../exposition.ts';

/** What the HTTP side knows of its clients. */
export interface Clients {
  sessions(): { readonly sessions: number; readonly storedSessions: number };
  /** Open connections. */
  connections(): Promise<number>;
}

export function clientsPage(clients: Clients): (page: MetricsPage) => Promise<void> {
  return async page => {
    const { sessions, storedSessions } = clients.sessions();
    page.gauge('sessions', 'Open client sessions.', sessions);
    page.gauge('sessions_stored', 'Client sessions that would survive a restart.', storedSessions);
    page.gauge('connections', 'Open client connections.', await clients.connections());
  };
}
