/** A scripted run of a gateway, and what `/metrics` says of it: each number is held against what really happened. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statePath } from '../../../src/actors/journal.ts';
import { openLmdbLog } from '../../../src/store/lmdb-log.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import {
  checkStatus,
  configHeader,
  knock,
  post,
  statusOf,
  tinyServer,
  untilState,
} from '../../support/http-client.ts';
import { request, StreamableClient } from '../../support/mcp-client.ts';
import { type MetricsReading, scrape } from '../../support/metrics.ts';

const header = (server: object, type: string) => ({ 'x-mcp-json': configHeader(server), 'x-mcp-type': type });
const fails = { command: process.execPath, args: ['-e', 'process.exit(3)'] };

describe('/metrics of a scripted run', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  let url: string;

  beforeAll(async () => {
    const probing = ['--probe-interval-ms', '150', '--health-ttl-ms', '600000'];
    gateway = await startGateway(dataDir, '--restart-cooldown-ms', '300000', ...probing);
    url = gateway.url;
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  /** Scrapes until a number is as wished; the test's own timeout is the bound. */
  async function until(name: string, labels: Record<string, string>, wished: (value: number) => boolean) {
    for (;;) {
      const reading = await scrape(url);
      if (wished(reading.value(name, labels))) return reading;
    }
  }

  const pidOf = async (id: string) => {
    const { data } = (await (await fetch(`${url}/api/v1/services/${id}`)).json()) as {
      data: { pid: number };
    };
    return data.pid;
  };
  const services = (reading: MetricsReading, state: string, type: string) =>
    reading.value('evergate_services', { state, type });

  it('given a fresh gateway, then it counts nothing but the scrape', async () => {
    const reading = await scrape(url);
    for (const name of ['services', 'calls_total', 'starts_total', 'sessions', 'lanes', 'log_records'])
      expect([name, reading.value(`evergate_${name}`)]).toEqual([name, 0]);
    expect(reading.value('evergate_connections')).toBeGreaterThan(0);
  });

  it('given requests held for a start, then they are counted while they wait, and no longer', async () => {
    const go = join(dataDir, 'go');
    const slow = header(tinyServer('--start-when', go), 'OneShot');
    const held = [1, 2, 3].map(() => knock(url, 'slow', slow));
    const reading = await until('evergate_requests_held', {}, value => value === 3);
    expect(reading.value('evergate_starts_in_progress')).toBe(1);
    expect(services(reading, 'Pending.Starting', 'OneShot')).toBe(1);
    writeFileSync(go, '');
    for (const { status } of await Promise.all(held)) expect(status).toBe(200);
    const after = await scrape(url);
    expect(after.value('evergate_requests_held')).toBe(0);
    expect(after.value('evergate_sessions')).toBe(3);
    expect(after.value('evergate_sessions_stored')).toBe(3);
    expect(after.value('evergate_calls_total', { outcome: 'ok' })).toBe(3);
  });

  it('given calls of every ending, then each is counted once, with its duration', async () => {
    const before = await scrape(url);
    await checkStatus(url, 'works', tinyServer(), 'Persistent');
    const client = await new StreamableClient(url, 'works').open();
    const call = async (name: string, args: object, id = 1) =>
      (await client.post(request(id, 'tools/call', { name, arguments: args }))).text();
    for (let n = 0; n < 5; n++) await call('echo', { message: 'hello' });
    await call('no such tool', {});
    const sleeping = [2, 3].map(id => call('sleep', { ms: 5000 }, id));
    expect((await until('evergate_calls_in_flight', {}, value => value === 2)).value('evergate_lanes')).toBe(
      2,
    );
    await Promise.all(sleeping);
    await call('crash', {});
    await untilState(url, 'works', /CoolingDown/);
    expect(await call('echo', {})).toContain('"0002"');
    const after = await scrape(url);
    const counted = (outcome: string) =>
      after.value('evergate_calls_total', { outcome }) - before.value('evergate_calls_total', { outcome });
    const outcomes = ['ok', 'error', 'lost', 'refused', 'timeout', 'cancelled'];
    expect(outcomes.map(outcome => [outcome, counted(outcome)])).toEqual([
      ['ok', 8], // initialize, 5 echo, 2 sleep
      ['error', 1],
      ['lost', 1],
      ['refused', 1],
      ['timeout', 0],
      ['cancelled', 0],
    ]);
    const durations = 'evergate_call_duration_seconds';
    expect(after.value(`${durations}_count`)).toBe(after.value('evergate_calls_total'));
    expect(after.value(`${durations}_bucket`, { le: '+Inf' })).toBe(after.value('evergate_calls_total'));
    // Two slept for five seconds.
    expect(after.value(`${durations}_sum`) - before.value(`${durations}_sum`)).toBeGreaterThan(10);
    expect(after.value('evergate_calls_in_flight')).toBe(0);
  });

  it('given refusals, then each is counted by its code', async () => {
    const before = await scrape(url);
    await knock(url, 'nobody');
    await knock(url, 'nobody');
    await post(`${url}/mcp/stream/proxy/works`, 'no json');
    await post(`${url}/mcp/stream/add`, { mcp_json_config: fails, mcp_type: 'Persistent' });
    await fetch(`${url}/nowhere`);
    const after = await scrape(url);
    const counted = (code: string) =>
      after.value('evergate_refusals_total', { code }) - before.value('evergate_refusals_total', { code });
    expect(['0001', '0005', '0008', '0010', '0003'].map(counted)).toEqual([2, 1, 1, 1, 0]);
  });

  it('given a client that can be asked, then its own lane and its session are counted, and their end too', async () => {
    const before = await scrape(url);
    await checkStatus(url, 'apart', tinyServer(), 'OneShot');
    const client = await new StreamableClient(url, 'apart').open({ elicitation: {} });
    const during = await scrape(url);
    expect(during.value('evergate_lanes', { kind: 'session' })).toBe(1);
    expect(during.value('evergate_sessions') - before.value('evergate_sessions')).toBe(1);
    await client.delete();
    const after = await until('evergate_lanes', { kind: 'session' }, value => value === 0);
    expect(after.value('evergate_sessions')).toBe(before.value('evergate_sessions'));
  });

  it('given backends that run, then the memory of their process trees is what the kernel says of them', async () => {
    // Measured at most every two seconds: by then nothing starts or ends.
    const reading = await until('evergate_services_with_processes', {}, value => value === 2);
    const pids = await Promise.all(['slow', 'apart'].map(pidOf));
    const truth = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
    const told = reading.value('evergate_children_resident_bytes');
    expect(told).toBeGreaterThan(truth * 0.7); // they may have grown, or been tidied up, since
    expect(told).toBeLessThan(truth * 1.3);
  });

  it('given backends that are silent, then their probes are counted', async () => {
    const before = await scrape(url);
    const more = before.value('evergate_probes_total', { outcome: 'answered' }) + 3;
    await until('evergate_probes_total', { outcome: 'answered' }, value => value >= more);
    await checkStatus(url, 'mute', { command: process.execPath, args: ['-e', MUTE] }, 'Persistent');
    await until('evergate_probes_total', { outcome: 'silent' }, value => value >= 1);
    await fetch(`${url}/mcp/config/delete/mute`, { method: 'DELETE' });
  }, 60_000);

  it('given services in several states, then they are counted by state and type as their status says', async () => {
    for (const id of ['x', 'y']) await checkStatus(url, id, fails, 'OneShot');
    for (const id of ['x', 'y']) await untilState(url, id, /Ended.Failed/);
    await fetch(`${url}/mcp/config/delete/y`, { method: 'DELETE' });
    const truth: Record<string, number> = {};
    for (const id of ['slow', 'works', 'apart', 'x']) {
      const { state, type } = await statusOf(url, id);
      truth[`${state} ${type}`] = (truth[`${state} ${type}`] ?? 0) + 1;
    }
    const { samples } = await scrape(url);
    const counted = samples.filter(({ name, value }) => name === 'evergate_services' && value > 0);
    expect(
      Object.fromEntries(counted.map(({ labels, value }) => [`${labels.state} ${labels.type}`, value])),
    ).toEqual(truth);
  });

  it('given all of it, then transitions, starts, appends and the log agree with the log itself', async () => {
    const reading = await scrape(url);
    await gateway.end('SIGTERM');
    const log = openLmdbLog({ dataDir });
    const records = log.tail(0, 1_000_000).filter(({ seq }) => seq <= reading.value('evergate_log_last_seq'));
    await log.close();
    const states = new Map<string, string>();
    const transitions: Record<string, number> = {};
    for (const { id, n, to } of records) {
      const from = n === 1 ? 'none' : states.get(id);
      const path = statePath(to);
      transitions[`${from} ${path}`] = (transitions[`${from} ${path}`] ?? 0) + 1;
      states.set(id, path);
    }
    const counted = reading.samples.filter(({ name }) => name === 'evergate_transitions_total');
    expect(
      Object.fromEntries(counted.map(({ labels, value }) => [`${labels.from} ${labels.to}`, value])),
    ).toEqual(transitions);
    const events = (type: string) => records.filter(({ event }) => event.type === type).length;
    expect(reading.value('evergate_starts_total', { outcome: 'success' })).toBe(events('start succeeded'));
    expect(reading.value('evergate_starts_total', { outcome: 'failure' })).toBe(events('start failed'));
    expect(events('start failed')).toBeGreaterThan(1);
    // Records that are written together are one append, such as a registration and its first start.
    const appends = reading.value('evergate_append_duration_seconds_count');
    expect(appends).toBeLessThan(records.length);
    expect(appends).toBeGreaterThan(events('start succeeded') + events('start failed'));
    expect(reading.value('evergate_log_records')).toBe(records.length);
    expect(reading.value('evergate_log_disk_bytes')).toBeGreaterThan(records.length * 100);
    expect(reading.value('evergate_append_failures_total')).toBe(0);
  });
});

/** As the kernel has it, in /proc. */
function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Shakes hands and never says another word. */
const MUTE = `process.stdin.once('data', line => {
  const { id } = JSON.parse(line);
  const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'mute', version: '1' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
});
process.stdin.on('end', () => process.exit());`;
