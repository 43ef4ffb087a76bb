/** A gateway whose many services change their state all the time, without anybody doing anything. */
import { fileURLToPath } from 'node:url';
import type { BenchGateway } from '../log/gateway.ts';

const BACKEND = fileURLToPath(new URL('backend.sh', import.meta.url));
/** Registrations that wait for their answers at a time. */
const AT_ONCE = 16;

/** A service is asked so often whether it is well; with what it takes for an answer not to come, two changes of state are due in… */
const PROBE = { intervalMs: 17_500, timeoutMs: 5_000 };
/** …this time: one probe is answered, the next is not. */
const CYCLE_MS = 2 * PROBE.intervalMs + PROBE.timeoutMs;

/** Transitions a second that so many services bring. */
export const expectedRate = (services: number): number => (2 * services * 1000) / CYCLE_MS;

export const FLAGS: readonly string[] = [
  ...['--probe-interval-ms', String(PROBE.intervalMs), '--probe-timeout-ms', String(PROBE.timeoutMs)],
  ...['--probe-failures', '3'],
];

/** Registers and starts so many services; resolves when all are up. */
export async function startServices(gateway: BenchGateway, services: number): Promise<void> {
  const names = Array.from({ length: services }, (_, n) => `tenant-${String(n).padStart(4, '0')}`);
  const rest = [...names];
  const worker = async () => {
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      const path = `services/${name}`;
      await call(gateway, path, 'PUT', {
        type: 'Persistent',
        config: { command: '/bin/sh', args: [BACKEND] },
      });
      await call(gateway, `${path}/start`, 'POST');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await untilReady(gateway, services);
}

async function untilReady(gateway: BenchGateway, services: number): Promise<void> {
  for (let ready = 0; ready < services; ) {
    await new Promise(resolve => setTimeout(resolve, 1000));
    ready = 0;
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: ReadyPage = await call(gateway, `services?state=Ready&limit=200${cursor}`, 'GET');
      ready += page.items.length;
      cursor = page.nextCursor === null ? null : `&cursor=${page.nextCursor}`;
    }
  }
}

interface ReadyPage {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

/** @throws {Error} the gateway refused */
async function call<T>(gateway: BenchGateway, path: string, method: string, body?: object): Promise<T> {
  const response = await fetch(`${gateway.url}/api/v1/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const answer = (await response.json()) as { data: T; message: string };
  if (!response.ok) throw new Error(`${method} ${path}: ${answer.message}`);
  return answer.data;
}

/** Transitions the gateway has made since it started. */
export async function transitions(gateway: BenchGateway): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const counts = [...text.matchAll(/^evergate_transitions_total(?:\{[^}]*\})? (\d+)/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
