import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ServiceEvent } from '../../../src/actors/machine/model.ts';
import { verify } from '../../../src/actors/replay.ts';
import { type LogRecord, RECORD_VERSION } from '../../../src/store/event-log.ts';
import { requireRecord } from '../../../src/store/records.ts';

const VERSIONS = Array.from({ length: RECORD_VERSION }, (_, index) => index + 1);

/** Every event the statechart takes by name, and its registration: a new one does not compile until it is here. */
const EVENTS: Record<ServiceEvent['type'] | 'registered', true> = {
  registered: true,
  reconfigured: true,
  'policy changed': true,
  'start requested': true,
  'restart requested': true,
  'stop requested': true,
  'removal requested': true,
  'gateway restarted': true,
  'divergence found': true,
  'start permitted': true,
  spawned: true,
  'start succeeded': true,
  'start failed': true,
  'probe answered': true,
  'probe failed': true,
  'backend lost': true,
  'idled out': true,
  'tools listed': true,
  'lane spawned': true,
  'lane ended': true,
  'teardown finished': true,
};

/** The lines that the gateway of a version wrote. */
function stored(version: number): unknown[] {
  const path = new URL(`../../fixtures/records/v${version}.jsonl`, import.meta.url);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map(line => JSON.parse(line));
}

/** The records of each service, oldest first. */
function histories(records: readonly LogRecord[]): LogRecord[][] {
  const ids = [...new Set(records.map(({ id }) => id))];
  return ids.map(id => records.filter(record => record.id === id));
}

describe.each(VERSIONS)('records of version %i', version => {
  it('are what that version wrote', () => {
    for (const line of stored(version)) expect(line).toMatchObject({ v: version });
  });

  it('are read as records of today', () => {
    for (const line of stored(version)) expect(requireRecord(line, 'it').v).toBe(RECORD_VERSION);
  });

  it('fold to the states they hold (invariant 6), from the start and from any later record', () => {
    for (const history of histories(stored(version).map(line => requireRecord(line, 'it')))) {
      for (let from = 0; from < history.length; from++) expect(verify(history.slice(from))).toBeNull();
    }
  });
});

it('policies of version 1 have no jitter, so that their due times stay what they were', () => {
  const policies = stored(1)
    .map(line => requireRecord(line, 'it'))
    .flatMap(({ event, to }) => [event.policy, to.context.policy])
    .filter(policy => policy !== undefined);
  expect(policies.length).toBeGreaterThan(0);
  for (const policy of policies) expect(policy).toMatchObject({ jitter: 0 });
});

it('the fixture of the present version has every event, and timers', () => {
  const types = new Set(stored(RECORD_VERSION).map(line => requireRecord(line, 'it').event.type));
  expect([...types]).toEqual(expect.arrayContaining(Object.keys(EVENTS)));
  expect([...types].filter(type => type.startsWith('xstate.after.'))).toHaveLength(2);
});
