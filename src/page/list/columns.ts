/** The columns of the list: what each shows of a service, and by what it sorts. */
import type { Row } from '../model/book.ts';
import type { SortKey } from '../model/order.ts';
import { age, bytes, percent } from '../parts/words.ts';

export interface Column {
  readonly key: SortKey;
  readonly title: string;
  /** Said in full where the title is short. */
  readonly help: string;
  /** Whether a first click sorts from the greatest down. */
  readonly greatestFirst: boolean;
  /** @param now epoch ms */
  text(row: Row, now: number): string;
}

const NOTHING = '–';

const number = (key: 'restarts' | 'inFlight' | 'sessions', title: string, help: string): Column => ({
  ...{ key, title, help, greatestFirst: true },
  text: row => (row[key] === 0 ? '0' : String(row[key])),
});

/** Beside these stands the state, which is no text alone. */
export const COLUMNS: readonly Column[] = [
  { key: 'id', title: 'Service', help: 'Id of the service', greatestFirst: false, text: ({ id }) => id },
  {
    ...{ key: 'state', title: 'State', help: 'State in the statechart', greatestFirst: false },
    text: ({ state }) => state,
  },
  { key: 'type', title: 'Type', help: 'Type of the service', greatestFirst: false, text: ({ type }) => type },
  {
    ...{ key: 'since', title: 'Since', help: 'Time in this state', greatestFirst: true },
    text: ({ since }, now) => age(now - since),
  },
  number('restarts', 'Restarts', 'Restarts that nobody asked for'),
  number('inFlight', 'In flight', 'Calls without an answer yet'),
  number('sessions', 'Sessions', 'Open sessions'),
  {
    ...{ key: 'pid', title: 'PID', help: 'Process of the first lane', greatestFirst: false },
    text: ({ pid }) => (pid === null ? NOTHING : String(pid)),
  },
  {
    ...{ key: 'rssBytes', title: 'Memory', help: 'Resident memory of the process tree', greatestFirst: true },
    text: ({ rssBytes }) => (rssBytes === null ? NOTHING : bytes(rssBytes)),
  },
  {
    ...{ key: 'cpuPercent', title: 'CPU', help: 'Processor time of the process tree, of one core' },
    greatestFirst: true,
    text: ({ cpuPercent }) => (cpuPercent === null ? NOTHING : percent(cpuPercent)),
  },
];
