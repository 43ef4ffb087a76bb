/** The dashboard, the alerts and the list of metrics name what is there, and the list leaves nothing out. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { GatewayMeters } from '../../../src/metrics/gateway-meters.ts';
import { observe } from '../../../src/metrics/gateway-metrics.ts';
import { openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { Stage } from '../../support/actors-fixtures.ts';
import { readMetrics } from '../../support/metrics.ts';
import { inTempDir } from '../store/drafts.ts';

const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

/** The families of a page as the gateway makes it. */
async function families(): Promise<Set<string>> {
  const { registry, gate } = new Stage();
  let names: Iterable<string> = [];
  await inTempDir(async dataDir => {
    const log = openLmdbLog({ dataDir });
    const metrics = observe({
      meters: new GatewayMeters(),
      services: registry.live,
      gate,
      log,
      loop: { lag: { meanMs: 0, maxMs: 0 } },
      vitals: { latest: async () => ({ at: 0, services: [] }) },
      version: '1',
      onFault: error => {
        throw error;
      },
    })({ sessions: () => ({ sessions: 0, storedSessions: 0 }), connections: async () => 0 });
    names = readMetrics(await metrics.render()).types.keys();
    await log.close();
  });
  return new Set(names);
}

const named = (text: string) =>
  new Set((text.match(/evergate_[a-z_]+/g) ?? []).map(name => name.replace(/_(bucket|sum|count)$/, '')));

it.each([
  ['operations/dashboard.json', (text: string) => JSON.parse(text).panels.length],
  ['operations/alerts.yaml', (text: string) => parse(text).groups[0].rules.length],
] as const)('given docs/%s, then it can be read, and every metric in it exists', async (file, parts) => {
  const text = read(file);
  expect(parts(text)).toBeGreaterThan(5);
  const known = await families();
  expect([...named(text)].filter(name => !known.has(name))).toEqual([]);
});

it('given docs/operations.md, then its list of metrics is the page', async () => {
  expect([...named(read('operations.md'))].sort()).toEqual([...(await families())].sort());
});
