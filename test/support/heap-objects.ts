/** What a gateway's heap holds, by name and number. */
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { type RunningGateway, startGatewayWith } from './gateway-process.ts';

const PRELOAD = new URL('../fixtures/heap-snapshot.mjs', import.meta.url).href;

/** Of V8's kinds, what programs make; the others are the compiler's and come and go as it likes. */
const MADE = new Set(['object', 'closure']);

interface Snapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** Starts a gateway whose objects can be counted. @param directory for its data and its snapshots */
export const startCountable = (directory: string, ...flags: string[]): Promise<RunningGateway> =>
  startGatewayWith({ NODE_OPTIONS: `--import=${PRELOAD}`, SNAPSHOTS: directory }, directory, ...flags);

/** How many objects and functions of which name are reachable; V8 collects all garbage before. */
export async function objectsOf(gateway: RunningGateway): Promise<ReadonlyMap<string, number>> {
  const from = gateway.log().length;
  const { stderr } = gateway.process;
  if (stderr === null) throw new Error('the gateway has no stderr');
  gateway.process.kill('SIGWINCH');
  for (;;) {
    const [, file] = /^snapshot (.+)$/m.exec(gateway.log().slice(from)) ?? [];
    if (file !== undefined) return counted(file);
    await once(stderr, 'data');
  }
}

function counted(file: string): ReadonlyMap<string, number> {
  const { snapshot, nodes, strings }: Snapshot = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const counts = new Map<string, number>();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[0][nodes[at + fields.indexOf('type')] ?? 0] ?? '';
    if (!MADE.has(kind)) continue;
    const name = `${kind} ${strings[nodes[at + fields.indexOf('name')] ?? 0]}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Names of which there are at least so many more than before. */
export function grown(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  atLeast: number,
): readonly string[] {
  return [...after].flatMap(([name, count]) => {
    const more = count - (before.get(name) ?? 0);
    return more >= atLeast ? [`${name}: ${more} more`] : [];
  });
}
