/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { CASES } from './calls/cases.ts';

/** What can be measured beside the calls of `calls/cases.ts`. */
const MEMORY_SECTIONS = ['boot', 'services', 'sessions', 'streams', 'soak'] as const;

export interface Options {
  /** Names of cases and sections. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly withPeers: boolean;
  /** Divides counts of services, sessions and streams. */
  readonly scale: number;
  readonly soakMinutes: number;
  /** Fail when a figure is below its floor. */
  readonly check: boolean;
  /** Write `bench/results`. */
  readonly write: boolean;
  readonly help: boolean;
}

const NAMES = [...CASES.map(({ name }) => name), ...MEMORY_SECTIONS];
/** Takes its minutes, so only when asked for. */
const BY_DEFAULT = NAMES.filter(name => name !== 'soak');

export const HELP = `npm run bench -- [options]
Measures Evergate beside bare Fastify and its peers, in interleaved rounds, and writes bench/results. Needs Linux.
  --only NAME      ${NAMES.join(', ')}; may be given more than once (default: all but soak)
  --rounds N       rounds; what is shown are medians (default: 5)
  --seconds N      time of each measurement (default: 2)
  --no-peers       without the peers, which are installed from npm when first needed
  --minutes N      time of the soak (default: 5)
  --quick          one short round, a tenth of the services, sessions and streams, no peers, nothing written
  --check          fail when a figure is below its floor (bench/floors.ts); the same is npm run bench:check
Exit status: 0 done, 1 a figure is below its floor, 2 called wrongly.
`;

/** @throws {Error} an option that does not exist or has a wrong value */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      minutes: { type: 'string', default: '5' },
      peers: { type: 'boolean' },
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  const { quick, check, help, only } = values;
  const unknown = only.find(name => !NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`--only: "${unknown}" is none of ${NAMES.join(', ')}`);
  return {
    only: only.length > 0 ? only : BY_DEFAULT,
    rounds: positive('--rounds', values.rounds ?? (quick ? '1' : '5')),
    warmUpMs: quick ? 500 : 1_000,
    measureMs: positive('--seconds', values.seconds ?? (quick ? '1' : '2')) * 1_000,
    withPeers: values.peers ?? !quick,
    scale: quick ? 10 : 1,
    soakMinutes: positive('--minutes', values.minutes),
    check,
    write: !quick && !check,
    help,
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (number > 0) return number;
  throw new Error(`${name}: give a number above 0`);
}
