/** Folds a story's events through the machine and writes down what came of them; a story that is not true is an error. */

import { statePath } from '../../src/actors/journal.ts';
import type { ServiceCommand, ServiceEvent, ServiceInput } from '../../src/actors/machine/model.ts';
import { delays } from '../../src/actors/machine/rules.ts';
import {
  fromDurable,
  initialState,
  nextState,
  type ServiceSnapshot,
  toDurable,
} from '../../src/actors/replay.ts';
import type { ServiceType } from '../../src/actors/services.ts';
import { eventLabel } from '../../src/drawing/labels.ts';
import { changedFacts, clockTime } from './facts.ts';
import { code, table } from './markdown.ts';

/** An event; one that is news of a start is told which start it is of: the present one. */
export type StoryEvent = ServiceCommand | ((generation: number) => ServiceCommand);

export interface Step {
  /** Seconds since the step before; or the label of the timer whose due time is waited for. */
  readonly after: number | `after ${string}`;
  readonly events?: readonly StoryEvent[];
  /** Something that happens and is no event: the state then comes back from its record. */
  readonly silence?: string;
  /** The state this leads to, as the prose has it. */
  readonly to: string;
}

export interface Life {
  /** What sets this table apart, when a story has several. */
  readonly caption?: string;
  readonly type: ServiceType;
  readonly steps: readonly Step[];
}

export interface Story {
  readonly title: string;
  readonly prose: string;
  readonly lives: readonly Life[];
}

interface Moment {
  readonly state: ServiceSnapshot;
  /** Ms since the story began. */
  readonly at: number;
  /** When each active state node was entered, by its id. */
  readonly entered: ReadonlyMap<string, number>;
}

/** The story as a table. @throws {Error} a step leads elsewhere than it says, or waits for a timer that is not set */
export function storyTable(input: Omit<ServiceInput, 'at'>, steps: readonly Step[]): string {
  const first = moment(initialState({ ...input, at: 0 }), 0, new Map());
  const rows = [
    [clockTime(0), 'registered', code(statePath(first.state)), changedFacts(null, first.state.context)],
  ];
  let now = first;
  for (const step of steps) {
    const { told, path, after } = take(now, step);
    rows.push([clockTime(after.at), told, path, changedFacts(now.state.context, after.state.context)]);
    now = after;
  }
  return table(['time', 'event', 'state', 'now remembered'], rows);
}

const moment = (state: ServiceSnapshot, at: number, earlier: Moment['entered']): Moment => ({
  state,
  at,
  entered: new Map(state._nodes.map(({ id }) => [id, earlier.get(id) ?? at])),
});

function take(before: Moment, { after, events = [], silence, to }: Step) {
  const timer = typeof after === 'string' ? dueTimer(before, after) : null;
  const at = timer?.at ?? before.at + Number(after) * 1000;
  const told: string[] = silence === undefined ? [] : [`*${silence}*`];
  const path: string[] = [];
  let now = moment(silence === undefined ? before.state : restored(before.state), at, before.entered);
  for (const event of [...(timer === null ? [] : [timer]), ...events]) {
    const fact = typeof event === 'function' ? event(now.state.context.generation) : event;
    now = moment(nextState(now.state, { ...fact, at } as ServiceEvent), at, now.entered);
    told.push(describe(fact));
    path.push(statePath(now.state));
  }
  if (statePath(now.state) !== to) {
    throw new Error(
      `A story says ${told.join(', ')} leads to ${to}; the machine goes to ${statePath(now.state)}`,
    );
  }
  const through = path.filter((state, n) => state !== path[n - 1]);
  return {
    told: told.join(', '),
    path: (through.length === 0 ? [to] : through).map(code).join(' → '),
    after: now,
  };
}

/** As after a restart of the gateway: through the record and back. */
const restored = (state: ServiceSnapshot) => fromDurable(JSON.parse(JSON.stringify(toDurable(state))));

function dueTimer({ state, entered, at }: Moment, label: string) {
  for (const { id, after } of state._nodes) {
    const timer = after.find(({ eventType }) => eventLabel(eventType) === label);
    if (timer === undefined) continue;
    const delayMs = delays[timer.delay as keyof typeof delays]({ context: state.context });
    return { type: timer.eventType, at: (entered.get(id) ?? at) + delayMs };
  }
  throw new Error(`A story waits for "${label}", but ${statePath(state)} sets no such timer`);
}

function describe(event: {
  readonly type: string;
  readonly reason?: string;
  readonly warmup?: string;
}): string {
  const detail = event.reason ?? event.warmup;
  return detail === undefined ? eventLabel(event.type) : `${eventLabel(event.type)} (${detail})`;
}
