/** Pages of services, by filter, out of any number: each page costs a bounded amount of reading, and nothing is kept between them. */
import { UnreadableRecordError } from '../store/errors.ts';
import type { EventLog, LogRecord } from '../store/event-log.ts';
import { statePath } from './journal.ts';
import { serviceMachine } from './machine/index.ts';
import type { ServiceContext } from './machine/model.ts';
import type { ServiceType } from './services.ts';

export interface ListQuery {
  /** Full path of a state, or of one around it; null: any. */
  readonly state: string | null;
  readonly type: ServiceType | null;
  /** Part of the id; null: any. */
  readonly text: string | null;
  /** The only services that may be listed; null: all. */
  readonly among: ReadonlySet<string> | null;
  /** Services behind this id, in the order of their UTF-8 bytes; null: from the first. */
  readonly after: string | null;
  readonly limit: number;
}

export interface ListPage {
  /** Last records of the services found. */
  readonly heads: readonly LogRecord[];
  /** Services whose last record cannot be used, and why. */
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
  /** Behind which id to go on; null at the end. A page may have fewer than `limit`, even none, before that. */
  readonly next: string | null;
}

/** Ids and last records looked at for one page: some 10 ms. */
const MOST_IDS = 20_000;
const MOST_HEADS = 1_000;
/** Ids read at a time. */
const SLICE = 500;

/** @throws {StorageError} the log cannot be read */
export function listServices(log: Pick<EventLog, 'head' | 'ids' | 'owed'>, query: ListQuery): ListPage {
  const heads: LogRecord[] = [];
  const unreadable: { id: string; reason: string }[] = [];
  let looked = 0;
  let passed = 0;
  let next = query.after;
  for (const id of candidates(log, query)) {
    if (heads.length + unreadable.length === query.limit || looked === MOST_HEADS || passed === MOST_IDS)
      return { heads, unreadable, next };
    next = id;
    passed++;
    if (query.text !== null && !id.includes(query.text)) continue;
    looked++;
    try {
      const head = log.head(id)?.record;
      if (head !== undefined && fits(head, query)) heads.push(head);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      unreadable.push({ id, reason: error.message });
    }
  }
  return { heads, unreadable, next: null };
}

/** Ids behind `after`, in order, from the shortest list that has all that can fit. */
function* candidates(
  log: Pick<EventLog, 'ids' | 'owed'>,
  { state, among, after }: ListQuery,
): Generator<string> {
  if (among !== null) {
    yield* [...among].sort(byBytes).filter(id => after === null || byBytes(id, after) > 0);
    return;
  }
  if (state !== null && alwaysOwes(state)) {
    for (const { id } of log.owed(after ?? undefined)) yield id;
    return;
  }
  for (let from = after ?? undefined; ; ) {
    const ids = log.ids(from, SLICE);
    yield* ids;
    from = ids.at(-1);
    if (from === undefined) return;
  }
}

function fits({ to }: LogRecord, { state, type }: ListQuery): boolean {
  if (type !== null && (to.context as unknown as ServiceContext).type !== type) return false;
  if (state === null) return true;
  return isWithin(statePath(to), state);
}

const isWithin = (path: string, state: string) => path === state || path.startsWith(`${state}.`);

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

type Node = typeof serviceMachine.root;

const nodesBelow = (node: Node): readonly Node[] =>
  (Object.values(node.states) as Node[]).flatMap(child => [child, ...nodesBelow(child)]);

const pathOf = (node: Node) => node.path.join('.');

/** Whether there is such a state, or such a group of states. */
export function isState(path: string): boolean {
  return nodesBelow(serviceMachine.root).some(node => pathOf(node) === path);
}

/** Whether every service in the state is in the log's index of debts: nothing in it is at rest without a due time. */
function alwaysOwes(state: string): boolean {
  return nodesBelow(serviceMachine.root)
    .filter(node => isWithin(pathOf(node), state))
    .every(({ tags, after, type }) => type !== 'final' && !(tags.includes('at rest') && after.length === 0));
}
