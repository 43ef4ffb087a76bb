/** Which services are shown, and in which order. Pure. */
import type { ServiceType } from '../api/shapes.ts';
import type { Row } from './book.ts';
import { outermost } from './chart.ts';

export type SortKey =
  | 'id'
  | 'state'
  | 'type'
  | 'since'
  | 'restarts'
  | 'inFlight'
  | 'sessions'
  | 'pid'
  | 'rssBytes'
  | 'cpuPercent';

export interface Wish {
  /** Words that all have to be in the id, in any case. */
  readonly text: string;
  /** Outermost states; empty: all. */
  readonly states: ReadonlySet<string>;
  readonly type: ServiceType | null;
  readonly sort: SortKey;
  readonly descending: boolean;
}

export const EVERYTHING: Wish = {
  text: '',
  states: new Set(),
  type: null,
  sort: 'id',
  descending: false,
};

/** Whether what the wish depends on changes by itself, without services that come or go. */
export const isVolatile = ({ states, sort }: Wish): boolean =>
  states.size > 0 || (sort !== 'id' && sort !== 'type');

/** The rows of a wish, in its order; of equals the id decides, so that lines do not dance. */
export function arrange(rows: Iterable<Row>, wish: Wish): Row[] {
  const words = wish.text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown: Row[] = [];
  for (const row of rows) if (matches(row, wish, words)) shown.push(row);
  const sign = wish.descending ? -1 : 1;
  const { sort } = wish;
  return shown.sort((a, b) => sign * compare(a[sort], b[sort]) || compareText(a.id, b.id));
}

function matches(row: Row, { states, type }: Wish, words: readonly string[]): boolean {
  if (type !== null && row.type !== type) return false;
  if (states.size > 0 && !states.has(outermost(row.state))) return false;
  if (words.length === 0) return true;
  const id = row.id.toLowerCase();
  return words.every(word => id.includes(word));
}

/** What is not known comes before everything else. */
function compare(a: string | number | null, b: string | number | null): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return Number(a ?? -1) - Number(b ?? -1);
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
