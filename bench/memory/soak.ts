/** Minutes at full load: whether memory stays where it is. */
import { drive } from '../load/drive.ts';
import { openStreamable } from '../load/streamable.ts';
import type { Options } from '../options.ts';
import type { Figures } from '../report/figures.ts';
import { AUTHORIZATION, type RunningGateway, startEvergate } from '../targets/evergate.ts';

const IN_FLIGHT = 64;
const MINUTE_MS = 60_000;

export async function measureSoak(figures: Figures, { soakMinutes }: Options, say: (line: string) => void) {
  const gateway = await startEvergate();
  try {
    const memory = await fullLoad(gateway, soakMinutes, say);
    const [first = 0] = memory;
    const last = memory.at(-1) ?? 0;
    figures.add('soak', 'Evergate', { rssMib: last, growthMib: last - first, minutes: soakMinutes });
  } finally {
    await gateway.stop();
  }
}

/** Resident memory after each minute, in MiB. */
async function fullLoad(
  gateway: RunningGateway,
  minutes: number,
  say: (line: string) => void,
): Promise<readonly number[]> {
  const client = await openStreamable({
    url: gateway.streamable(),
    headers: AUTHORIZATION,
    inFlight: IN_FLIGHT,
    sessions: 16,
    call: { tool: 'echo', sent: 16, received: 16 },
    rename: tool => tool,
  });
  const memory: number[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    const load = { workers: IN_FLIGHT, warmUpMs: 0, measureMs: MINUTE_MS, pid: gateway.pid };
    const { rssMib, callsPerSecond, errors } = await drive(client, load);
    memory.push(rssMib);
    say(
      `minute ${minute}: ${Math.round(callsPerSecond)} calls/s, ${rssMib.toFixed(1)} MiB, ${errors} errors`,
    );
  }
  await client.close();
  return memory;
}
