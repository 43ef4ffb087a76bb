/** What becomes of a call (invariant 3): see docs/outcomes.md, whose rows these are. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CountingBackend, countingRemote, Witnesses } from '../../support/counting-backends.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, statusOf, untilState } from '../../support/http-client.ts';
import { type Caller, FRONTS, type Front, openCaller, type Told } from '../../support/one-call.ts';

const FLAGS = ['--restart-cooldown-ms', '300', '--keep-alive-ms', '50', '--request-timeout-ms', '60000'];
/** Longer than any test. */
const FOREVER = { ms: 600_000 };
const PATIENT = { prefer: 'wait=20' };
/** Starts, and says nothing. */
const SILENT = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };

const callers: Caller[] = [];
let dataDir: string;
let witnesses: Witnesses;
let gateway: RunningGateway;
let last = 0;

async function begin(...flags: string[]): Promise<void> {
  dataDir = temporaryDirectory();
  witnesses = new Witnesses(join(dataDir, 'journal'));
  gateway = await startGateway(dataDir, ...FLAGS, ...flags);
}

async function end(): Promise<void> {
  await gateway.end('SIGTERM');
  removeDirectory(dataDir);
}

const BACKENDS: Readonly<Record<string, (service: string) => CountingBackend | Promise<CountingBackend>>> = {
  'a process': service => witnesses.backend(service),
  'a remote over Streamable HTTP': () => countingRemote('http'),
  'a remote over HTTP+SSE': () => countingRemote('sse'),
};
/** HTTP+SSE is of the legacy era. */
const PAIRS = FRONTS.flatMap(front =>
  Object.keys(BACKENDS)
    .filter(kind => front !== 'modern' || kind !== 'a remote over HTTP+SSE')
    .map(kind => [front, kind] as const),
);

async function open(front: Front, service: string, url = gateway.url): Promise<Caller> {
  const caller = await openCaller(front, url, service);
  callers.push(caller);
  return caller;
}

/** A service that is ready, and a client of it. */
async function ready(front: Front, kind: string, more: object = {}) {
  const service = `service-${++last}`;
  const backend = await BACKENDS[kind]?.(service);
  if (backend === undefined) throw new Error(`no backend is ${kind}`);
  await checkStatus(gateway.url, service, { ...backend.config, ...more }, 'Persistent');
  await untilState(gateway.url, service, /^Ready/);
  return { service, backend, caller: await open(front, service) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5));
}

const failure = (code: string, delivered: boolean) => ({ error: { data: { code, delivered } } });
const newToken = () => `token-${++last}`;

afterEach(async () => {
  await Promise.all(callers.splice(0).map(caller => caller.close().catch(() => {})));
});

describe('the one outcome of a call', () => {
  beforeAll(() => begin());
  afterAll(end);

  it.each(PAIRS)('%s to %s: its result', async (front, kind) => {
    const { caller, backend } = await ready(front, kind);
    const before = backend.calls();
    const { result } = await caller.call({ token: 'hello' });
    expect(result).toMatchObject({ content: [{ text: 'hello' }] });
    expect(backend.calls() - before).toBe(1);
  });

  it.each(PAIRS)('%s to %s that is lost: 0005, delivered', async (front, kind) => {
    const { caller, backend } = await ready(front, kind);
    const before = backend.calls();
    const call = caller.call({ token: newToken(), ...FOREVER });
    await until(() => backend.calls() > before);
    await backend.lose();
    expect(await call).toMatchObject(failure('0005', true));
    expect(backend.calls() - before).toBe(1);
  });

  it.each(PAIRS)('%s to %s that is too slow: 0014, delivered', async (front, kind) => {
    const { caller, backend } = await ready(front, kind, { requestTimeoutMs: 1000 });
    const before = backend.calls();
    expect(await caller.call({ token: newToken(), ...FOREVER })).toMatchObject(failure('0014', true));
    await until(() => backend.calls() > before); // a busy backend reads it later
    expect(backend.calls() - before).toBe(1);
  });

  it.each(FRONTS)('%s, held for a start that fails: 0005, not delivered', async front => {
    const { service, caller, backend } = await ready(front, 'a process');
    await checkStatus(gateway.url, service, witnesses.config(service, '--fails'), 'Persistent');
    await backend.lose();
    await untilState(gateway.url, service, /^(CoolingDown|Pending)/);
    const token = newToken();
    expect(await caller.call({ token }, PATIENT)).toMatchObject(failure('0005', false));
    expect(witnesses.seen(token)).toBe(0);
  });

  it.each(FRONTS)('%s, held for too long: 0003, not delivered', async front => {
    const { service, caller, backend } = await ready(front, 'a process');
    await checkStatus(gateway.url, service, SILENT, 'Persistent');
    await backend.lose();
    await untilState(gateway.url, service, /^Pending.Starting/);
    const token = newToken();
    expect(await caller.call({ token }, { prefer: 'wait=1' })).toMatchObject(failure('0003', false));
    await fetch(`${gateway.url}/mcp/config/delete/${service}`, { method: 'DELETE' });
    expect(witnesses.seen(token)).toBe(0);
  });

  it.each(FRONTS)('%s to a service that has ended: 0006, not delivered', async front => {
    const service = `service-${++last}`;
    await checkStatus(gateway.url, service, { ...witnesses.config(service), idleTimeoutMs: 1 }, 'OneShot');
    await untilState(gateway.url, service, /^Ended/);
    const token = newToken();
    expect(await knock(front, service, token)).toMatchObject(failure('0006', false));
    expect(witnesses.seen(token)).toBe(0);
  });

  it.each(FRONTS)('%s to no service: 0001, not delivered', async front => {
    expect(await knock(front, 'nobody', newToken())).toMatchObject(failure('0001', false));
  });
});

/** A call of a client that is refused before it could even introduce itself, or in the modern era the call itself. */
async function knock(front: Front, service: string, token: string): Promise<Told> {
  if (front === 'modern') return (await open(front, service)).call({ token });
  const refused = await openCaller(front, gateway.url, service).catch((error: Error) => error.message);
  return JSON.parse(String(refused).slice(String(refused).indexOf('{'))) as Told;
}

describe('the one outcome of a call to a backend that has enough of them', () => {
  beforeAll(() => begin('--max-in-flight', '1'));
  afterAll(end);

  it.each(FRONTS)('%s: 0009, not delivered', async front => {
    const { service, caller } = await ready(front, 'a process');
    const [first, second] = [newToken(), newToken()];
    const hanging = caller.call({ token: first, ...FOREVER });
    hanging.catch(() => {}); // cut off with the gateway
    await until(() => witnesses.seen(first) === 1);
    const other = await open(front, service);
    expect(await other.call({ token: second })).toMatchObject(failure('0009', false));
    expect([witnesses.seen(first), witnesses.seen(second)]).toEqual([1, 0]);
  });
});

describe('the one outcome of a call when the gateway stops and has time', () => {
  beforeEach(() => begin('--drain-grace-ms', '25000'));
  afterEach(end);

  it.each(FRONTS)('%s, in flight: its result if that comes in time', async front => {
    const { caller } = await ready(front, 'a process');
    const token = newToken();
    const call = caller.call({ token, ms: 150 });
    await until(() => witnesses.seen(token) === 1);
    const ended = gateway.end('SIGTERM');
    expect(await call).toMatchObject({ result: { content: [{ text: token }] } });
    expect(await ended).toBe(0);
  });
});

describe('the one outcome of a call when the gateway stops', () => {
  beforeEach(() => begin('--drain-grace-ms', '300'));
  afterEach(end);

  it.each(FRONTS)('%s, in flight for longer than the grace: 0005, delivered', async front => {
    const { caller } = await ready(front, 'a process');
    const token = newToken();
    const call = caller.call({ token, ...FOREVER });
    await until(() => witnesses.seen(token) === 1);
    const ended = gateway.end('SIGTERM');
    expect(await call).toMatchObject(failure('0005', true));
    expect([await ended, witnesses.seen(token)]).toEqual([0, 1]);
  });

  it.each(FRONTS)('%s, held: 0003, not delivered', async front => {
    const { service, caller, backend } = await ready(front, 'a process');
    await checkStatus(gateway.url, service, SILENT, 'Persistent');
    await backend.lose();
    await untilState(gateway.url, service, /^Pending.Starting/);
    const token = newToken();
    const call = caller.call({ token }, PATIENT);
    await statusOf(gateway.url, service);
    const ended = gateway.end('SIGTERM');
    // 0009: the signal was there before the call.
    expect(await call).toMatchObject(failure(expect.stringMatching(/^000[39]$/), false));
    expect([await ended, witnesses.seen(token)]).toEqual([0, 0]);
  });
});
