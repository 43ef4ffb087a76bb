/** The states a service can be in, by the machine itself. */
import type { AnyStateNode } from 'xstate';
import { serviceMachine } from '../actors/machine/index.ts';

/** Full paths, such as `Pending.Starting`; `Removed`, in which there is no service any more, is not among them. */
export const STATES: readonly string[] = leavesOf(serviceMachine.root);

export const TYPES = ['OneShot', 'Persistent'] as const;

function leavesOf({ states, path, type }: AnyStateNode): string[] {
  const children = Object.values(states);
  if (children.length > 0) return children.flatMap(leavesOf);
  return type === 'final' ? [] : [path.join('.')];
}
