/** A CPU profile of V8 as a tree of functions with their times. */
import { readFileSync } from 'node:fs';

interface RawNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
}
interface RawProfile {
  readonly nodes: readonly RawNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface Frame {
  readonly name: string;
  /** Path within the package or the dependency, or `node:…`; empty for what is native. */
  readonly file: string;
  /** Time in the function itself, in µs. */
  selfUs: number;
  /** Time in it and in what it called, in µs. */
  totalUs: number;
  readonly callees: Map<string, Frame>;
}

/** What is no work. */
const IDLE = new Set(['(idle)', '(program)']);

/** Reads a profile; equal functions of one caller are one frame. Idle time is left out. */
export function readProfile(path: string, root: string): Frame {
  const { nodes, samples, timeDeltas }: RawProfile = JSON.parse(readFileSync(path, 'utf8'));
  const selfUs = new Map<number, number>();
  for (const [n, id] of samples.entries()) selfUs.set(id, (selfUs.get(id) ?? 0) + (timeDeltas[n] ?? 0));
  const byId = new Map(nodes.map(node => [node.id, node]));
  const whole = frame('all', '');
  const [first] = nodes;
  if (first !== undefined) grow(whole, first);
  return whole;

  function grow(parent: Frame, node: RawNode): void {
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child === undefined || IDLE.has(child.callFrame.functionName)) continue;
      const { functionName, url } = child.callFrame;
      const file = shortened(url, root);
      const name = functionName === '' ? '(anonymous)' : functionName;
      const key = `${name} ${file}`;
      const callee = parent.callees.get(key) ?? frame(name, file);
      parent.callees.set(key, callee);
      callee.selfUs += selfUs.get(id) ?? 0;
      const before = callee.totalUs;
      callee.totalUs += selfUs.get(id) ?? 0;
      grow(callee, child);
      parent.totalUs += callee.totalUs - before;
    }
  }
}

function frame(name: string, file: string): Frame {
  return { name, file, selfUs: 0, totalUs: 0, callees: new Map() };
}

function shortened(url: string, root: string): string {
  const path = url.replace(/^file:\/\//, '').replace(root, '');
  const [, dependency] = /.*node_modules\/(.*)$/.exec(path) ?? [];
  return dependency ?? path;
}

/** Every frame below one, itself included. */
export function* frames(top: Frame): Generator<Frame> {
  yield top;
  for (const callee of top.callees.values()) yield* frames(callee);
}
