/** A gateway for the tests of the page, with the API beside it to compare with. */
import { setTimeout as pause } from 'node:timers/promises';
import { tinyServer } from '../../support/http-client.ts';

export interface PageGateway {
  /** Address of the page. */
  readonly ui: string;
  /** The data of an answer of the API. */
  api<T>(path: string, init?: RequestInit): Promise<T>;
  /** Registers a service under an id and starts it. */
  run(id: string, type: 'OneShot' | 'Persistent', ...flags: string[]): Promise<void>;
  /** Resolves after the last news of its so many starts: from then on nothing happens to the service by itself. */
  untilSettled(id: string, starts?: number): Promise<void>;
}

export const pathOf = (id: string): string => `services/${encodeURIComponent(id)}`;

/** @param token sent with every request of the test's own */
export function pageGateway(url: string, token?: string): PageGateway {
  const auth: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const api = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const response = await fetch(`${url}/api/v1/${path}`, {
      ...init,
      headers: { ...auth, ...(init.body != null && { 'content-type': 'application/json' }) },
    });
    const { data, message } = (await response.json()) as { data: T; message: string };
    if (!response.ok) throw new Error(`${path}: ${response.status} ${message}`);
    return data;
  };
  return {
    ui: `${url}/ui`,
    api,
    run: async (id, type, ...flags) => {
      await api(pathOf(id), { method: 'PUT', body: JSON.stringify({ type, config: tinyServer(...flags) }) });
      await api(`${pathOf(id)}/start`, { method: 'POST' });
    },
    untilSettled: async (id, starts = 1) => {
      const events = () => api<{ items: { event: { type: string } }[] }>(`${pathOf(id)}/events?limit=200`);
      const isLast = ({ event }: { event: { type: string } }) => event.type === 'tools listed';
      while ((await events()).items.filter(isLast).length < starts) await pause(20);
    },
  };
}
