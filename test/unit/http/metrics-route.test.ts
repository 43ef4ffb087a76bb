import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import { clientsPage } from '../../../src/metrics/pages/clients.ts';
import { testApp } from '../../support/http-app.ts';
import { readMetrics } from '../../support/metrics.ts';

const token = (name: string, ...scopes: ('call' | 'view')[]) => ({
  name,
  scopes,
  sha256: createHash('sha256').update(name).digest(),
  services: null,
});

describe('GET /metrics', () => {
  it('given the scope view, then it is the page as a scraper reads it; with another scope it is refused', async () => {
    const metrics = () => createMetrics([page => page.gauge('a', 'a', 1)], () => undefined);
    const settings = { authTokens: [token('viewer', 'view'), token('caller', 'call')] };
    const { app } = testApp({ metrics, settings });
    const ask = (name: string) =>
      app.inject({ url: '/metrics', headers: { authorization: `Bearer ${name}` } });
    const page = await ask('viewer');
    expect(page.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(readMetrics(page.body).value('evergate_a')).toBe(1);
    expect([(await ask('caller')).statusCode, (await ask('nobody')).statusCode]).toEqual([403, 401]);
  });

  it('given an app without fronts, then there are no sessions', async () => {
    const { app } = testApp({ metrics: clients => createMetrics([clientsPage(clients)], () => undefined) });
    const reading = readMetrics((await app.inject({ url: '/metrics' })).body);
    expect(reading.value('evergate_sessions')).toBe(0);
  });
});
