/** What a service remembers, in words. */
import type { ServiceContext } from '../../src/actors/machine/model.ts';

/** Facts that follow from the rest of a story's table, or are settings. */
const UNTOLD: readonly string[] = ['since', 'policy'];

/** Ms since the story began, as `h:mm:ss`. */
export function clockTime(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** The facts that differ, each with its present value; without an earlier context, those that are not empty. */
export function changedFacts(before: ServiceContext | null, after: ServiceContext): string {
  const was: Readonly<Record<string, unknown>> = { ...before };
  return Object.entries(after)
    .filter(([name]) => !UNTOLD.includes(name))
    .filter(([name, value]) =>
      before === null ? !isEmpty(value) : JSON.stringify(value) !== JSON.stringify(was[name]),
    )
    .map(([name]) => `${name}: ${wordsFor(name as keyof ServiceContext, after)}`)
    .join('<br>');
}

const isEmpty = (value: unknown) =>
  value === null || value === 0 || (Array.isArray(value) && value.length === 0);

function wordsFor(name: keyof ServiceContext, context: ServiceContext): string {
  const { incident, processes, dueAt, readyAt, tools, lostTools } = context;
  if (name === 'incident' && incident !== null) return `${incident.kind}, “${incident.reason}”`;
  if (name === 'processes') return processes.map(({ pid }) => `pid ${pid}`).join(', ') || 'none';
  if (name === 'dueAt' && dueAt !== null) return clockTime(dueAt);
  if (name === 'readyAt' && readyAt !== null) return clockTime(readyAt);
  if (name === 'tools' && tools !== null) return `${tools.count}, hash ${tools.hash}`;
  if (name === 'lostTools') return lostTools.join(', ') || 'none';
  return String(context[name] ?? 'none');
}
