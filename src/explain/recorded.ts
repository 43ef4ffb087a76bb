/** What a record can hold: every event of the machine, and the states it can lead to, as types. */
import type { StateValueFrom } from 'xstate';
import { statePath } from '../actors/journal.ts';
import type { ServiceMachine } from '../actors/machine/index.ts';
import type { ServiceContext, ServiceEvent } from '../actors/machine/model.ts';
import type { delays } from '../actors/machine/rules.ts';
import type { Registration } from '../actors/replay.ts';
import { eventLabel } from '../drawing/labels.ts';
import type { DurableState, LogRecord } from '../store/event-log.ts';

/** A timer of the machine, by the label it has in the drawing. */
interface TimerEvent {
  readonly type: `after ${keyof typeof delays}`;
  readonly at: number;
}

export type RecordedEvent = ServiceEvent | Registration | TimerEvent;
export type RecordedType = RecordedEvent['type'];

type Value = StateValueFrom<ServiceMachine>;
type Nested = Exclude<Value, string>;
/** The states around others. */
type Outer = Nested extends infer N ? (N extends object ? keyof N : never) : never;
type Inner<N> = N extends object
  ? { [K in keyof N & string]: `${K}.${N[K] & string}` }[keyof N & string]
  : never;

/** Path of every state a service can be in, such as `Pending.Starting`. */
export type StatePath = Exclude<Extract<Value, string>, Outer> | NonNullable<Inner<Nested>>;

/** A service as its last record has it. */
export interface Seen {
  readonly state: StatePath;
  readonly context: ServiceContext;
  /** The event of the record; its type as in the drawing. */
  readonly event: RecordedEvent;
  /** Whether that event led into the state; else it only happened there. */
  readonly entered: boolean;
}

/** What a record says. */
export function seenIn({ event, to }: Pick<LogRecord, 'event' | 'to'>): Seen {
  const { state, context } = stateIn(to);
  const shown = { ...event, type: eventLabel(event.type) } as unknown as RecordedEvent;
  return { state, context, event: shown, entered: context.since === shown.at };
}

/** The state a record led to. */
export function stateIn(to: DurableState): Pick<Seen, 'state' | 'context'> {
  return {
    state: statePath(to) as StatePath,
    context: to.context as unknown as ServiceContext,
  };
}
