/** Cold starts of a package: by npx, by a gateway that starts it directly, and by hand. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { configHeader, initialize, knock } from '../../test/support/http-client.ts';
import type { BenchGateway } from '../log/gateway.ts';
import { descendants, rssMib } from '../machine/processes.ts';

export interface Sample {
  /** From the first request, or the spawn, to the answer to `initialize`. */
  readonly ms: number;
  readonly processes: number;
  /** Resident memory of all of them, in MiB. */
  readonly rssMib: number;
}

/** What the gateway's record of a spawn says. */
interface Spawned {
  readonly pid: number;
  readonly ran: { readonly by: string; readonly because?: string; readonly script?: string } | undefined;
}

/** One start of a service that is unknown so far, by its first request. The service is gone afterwards. @throws {Error} */
export async function startThrough(
  gateway: BenchGateway,
  id: string,
  server: object,
): Promise<{ sample: Sample; ran: Spawned['ran'] }> {
  const since = performance.now();
  const { status, body } = await knock(gateway.url, id, {
    'x-mcp-json': configHeader(server),
    'x-mcp-type': 'OneShot',
  });
  const ms = performance.now() - since;
  if (status !== 200) throw new Error(`${id} was not started: ${body.code} ${body.message}`);
  const { pid, ran } = await lastSpawn(gateway.url, id);
  const sample = sampleOf(ms, pid);
  await fetch(`${gateway.url}/mcp/config/delete/${id}`, { method: 'DELETE' });
  return { sample, ran };
}

/** The same server started by hand, as quick as it can be. @throws {Error} it ended before it answered */
export async function startByHand(script: string): Promise<Sample> {
  const since = performance.now();
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  await answered(child);
  const sample = sampleOf(performance.now() - since, child.pid ?? 0);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  return sample;
}

function sampleOf(ms: number, pid: number): Sample {
  const tree = [pid, ...descendants(pid)];
  return { ms, processes: tree.length, rssMib: tree.reduce((sum, each) => sum + rssMib(each), 0) };
}

async function lastSpawn(url: string, id: string): Promise<Spawned> {
  const response = await fetch(`${url}/api/v1/services/${id}/events`);
  const { data } = (await response.json()) as {
    data: { items: { event: { type: string; process: { pid: number }; ran?: Spawned['ran'] } }[] };
  };
  const event = data.items.map(item => item.event).findLast(({ type }) => type === 'spawned');
  if (event === undefined) throw new Error(`${id} has no record of a spawn`);
  return { pid: event.process.pid, ran: event.ran };
}

function answered({ stdout, ...child }: ChildProcess): Promise<void> {
  let out = '';
  return new Promise((resolve, reject) => {
    stdout?.setEncoding('utf8').on('data', text => {
      out += text;
      if (out.includes('"result"')) resolve();
    });
    stdout?.once('close', () => reject(new Error(`process ${child.pid} ended before it answered`)));
  });
}
