/** Open streams without traffic, each of a session of its own: what each costs, and an event to all of them. */
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { INITIALIZED } from '../load/calls.ts';
import { Connection } from '../load/connection.ts';
import { openSession } from '../load/streamable.ts';
import { cpuUs, rssMib } from '../machine/processes.ts';
import { median } from '../machine/statistics.ts';
import type { Options } from '../options.ts';
import type { Figures } from '../report/figures.ts';
import { AUTHORIZATION, startEvergate } from '../targets/evergate.ts';
import { LISTENS } from '../targets/references.ts';
import { startListening } from '../targets/target.ts';

/** Below the 20,000 files that a process may usually have open. */
const STREAMS = 15_000;
const SESSIONS = 10_000;
const FLAGS = ['--max-sessions', '30000', '--max-stored-sessions', '30000', '--keep-alive-ms', '600000'];
/** Openings under way at a time. */
const WORKERS = 64;
const SETTLE_MS = 3_000;
const EVENTS = 5;
/** How long an event may take to reach all, in ms. */
const EVENT_MS = 30_000;
const EVENT = 'list_changed';

const JSON_TYPE = 'Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n';

interface Opened {
  readonly sockets: readonly Socket[];
  /** Events that have arrived on all of them together, so far. */
  events(): number;
}

/** @param open opens one; the headers that a stream of its own needs */
async function inParallel<T>(count: number, open: () => Promise<T>): Promise<readonly T[]> {
  const opened: T[] = [];
  let left = count;
  const work = async () => {
    while (left-- > 0) opened.push(await open());
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return opened;
}

/** Sessions without a stream. */
export async function measureSessions(figures: Figures, { scale }: Options, say: (line: string) => void) {
  const count = Math.round(SESSIONS / scale);
  const gateway = await startEvergate({ flags: FLAGS });
  try {
    const headers = AUTHORIZATION + JSON_TYPE;
    const url = new URL(gateway.streamable());
    await openSession(url, headers);
    await wait(SETTLE_MS);
    const before = rssMib(gateway.pid);
    await inParallel(count, () => openSession(url, headers));
    await wait(SETTLE_MS);
    const after = rssMib(gateway.pid);
    figures.add('sessions', 'Evergate', { kibEach: ((after - before) * 1024) / count, count });
    say(`sessions: ${before.toFixed(1)} MiB before, ${after.toFixed(1)} MiB with ${count}`);
  } finally {
    await gateway.stop();
  }
}

export async function measureStreams(figures: Figures, { scale }: Options, say: (line: string) => void) {
  const count = Math.round(STREAMS / scale);
  const evergate = await startEvergate({ flags: FLAGS });
  const headers = AUTHORIZATION + JSON_TYPE;
  const url = new URL(evergate.streamable());
  try {
    const session = await openSession(url, headers);
    const roots = INITIALIZED.replace('initialized', 'roots/list_changed');
    await measure(figures, 'Evergate', say, {
      pid: evergate.pid,
      count,
      url,
      headersOf: async () => AUTHORIZATION + (await openSession(url, headers)),
      tell: () => requestOnce(url, headers + session, roots),
    });
  } finally {
    await evergate.stop();
  }
  const bare = await startListening(['bench/references/streams.mjs'], LISTENS);
  try {
    await measure(figures, 'bare Fastify', say, {
      pid: bare.pid,
      count,
      url: new URL(`${bare.url}/mcp`),
      headersOf: async () => '',
      tell: () => requestOnce(new URL(`${bare.url}/event`), 'Content-Length: 0\r\n', null),
    });
  } finally {
    await bare.stop();
  }
}

/** On a connection of its own: one that idles while all the streams are opened may be closed by then. */
async function requestOnce(url: URL, headers: string, body: string | null): Promise<void> {
  const connection = await Connection.open(url, headers);
  await connection.request('POST', body);
  connection.close();
}

interface Measurement {
  readonly pid: number;
  readonly count: number;
  readonly url: URL;
  headersOf(): Promise<string>;
  /** Makes an event go to all streams. */
  tell(): Promise<unknown>;
}

async function measure(figures: Figures, name: string, say: (line: string) => void, how: Measurement) {
  const { pid, count } = how;
  await wait(SETTLE_MS);
  const before = rssMib(pid);
  const { sockets, events } = await openStreams(how);
  await wait(SETTLE_MS);
  const kibEach = ((rssMib(pid) - before) * 1024) / count;
  const costs: number[] = [];
  for (let event = 1; event <= EVENTS; event++) {
    const since = cpuUs(pid);
    await how.tell();
    const deadline = performance.now() + EVENT_MS;
    while (events() < event * count && performance.now() < deadline) await wait(20);
    if (events() < event * count) throw new Error(`${name}: ${events()} of ${event * count} events arrived`);
    costs.push((cpuUs(pid) - since) / count);
  }
  for (const socket of sockets) socket.destroy();
  figures.add('streams', name, { kibEach, eventUs: median(costs), count });
  say(`streams: ${name}, ${count} of ${kibEach.toFixed(1)} KiB, ${median(costs).toFixed(1)} µs per event`);
}

async function openStreams({ count, url, headersOf }: Measurement): Promise<Opened> {
  let events = 0;
  const sockets = await inParallel(count, async () => {
    const headers = await headersOf();
    return openStream(url, headers, text => {
      for (let at = text.indexOf(EVENT); at !== -1; at = text.indexOf(EVENT, at + 1)) events++;
    });
  });
  return { sockets, events: () => events };
}

function openStream(url: URL, headers: string, take: (text: string) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(url.port), host: url.hostname });
    socket.once('error', reject);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      resolve(socket);
      take(text);
    });
    socket.write(
      `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/event-stream\r\n${headers}\r\n`,
    );
  });
}
