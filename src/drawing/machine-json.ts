/** The machine as JSON, for import into a statechart editor. */
import type { AnyStateMachine } from 'xstate';
import type { Json, JsonObject } from '../store/event-log.ts';

/**
 * The machine's configuration with names in the place of implementations. Functions (the first context, the input of
 * effects) have no name and are left out; XState can make a machine from the rest. Pure.
 */
export function toMachineJson(machine: AnyStateMachine): JsonObject {
  return objectOf(machine.config);
}

function objectOf(value: object): JsonObject {
  const entries = Object.entries(value).map(([key, inner]) => [key, jsonOf(inner)] as const);
  return Object.fromEntries(entries.flatMap(([key, inner]) => (inner === undefined ? [] : [[key, inner]])));
}

function jsonOf(value: unknown): Json | undefined {
  if (Array.isArray(value)) return value.map(jsonOf).filter(inner => inner !== undefined);
  if (typeof value === 'object' && value !== null) return objectOf(value);
  const isJson = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return isJson ? (value as Json) : undefined;
}
