/** The command line of `npm run conformance`. */
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/message-of.ts';
import { Fault } from './fault.ts';
import { FIXTURES, type FixtureName, SUITES, type SuiteName } from './suites.ts';

export interface Options {
  readonly suites: readonly SuiteName[];
  readonly fixtures: readonly FixtureName[];
  /** One scenario instead of whole suites. */
  readonly scenario: string | null;
  readonly runs: number;
  /** Measure the fixtures without the gateway too. */
  readonly direct: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `npm run conformance -- [options]
Runs the official MCP conformance suites against a gateway in front of the fixture servers.
  --suite NAME      ${SUITES.join(', ')}; may be given more than once (default: all)
  --fixture NAME    ${FIXTURES.join(', ')}; may be given more than once (default: all)
  --scenario NAME   one scenario instead of whole suites
  --runs N          N runs in a row against one gateway (default: 1)
  --direct          measure the fixtures without the gateway too
  --json            results as JSON on stdout
Exit status: 0 all floors are reached, 1 some are not, 2 it could not be run.
`;

/** @throws {Fault} an option that does not exist or has a wrong value */
export function parseOptions(argv: readonly string[]): Options {
  const values = read(argv);
  const runs = Number(values.runs ?? '1');
  if (!Number.isInteger(runs) || runs < 1) throw new Fault('--runs: give a whole number from 1');
  return {
    suites: pick('--suite', values.suite, SUITES),
    fixtures: pick('--fixture', values.fixture, FIXTURES),
    scenario: values.scenario ?? null,
    runs,
    direct: values.direct ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        suite: { type: 'string', multiple: true },
        fixture: { type: 'string', multiple: true },
        scenario: { type: 'string' },
        runs: { type: 'string' },
        direct: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new Fault(`${messageOf(error)}\n\n${HELP}`);
  }
}

function pick<T extends string>(
  option: string,
  wanted: string[] | undefined,
  all: readonly T[],
): readonly T[] {
  const unknown = wanted?.find(name => !all.some(known => known === name));
  if (unknown !== undefined) throw new Fault(`${option}: "${unknown}" is none of ${all.join(', ')}`);
  return wanted === undefined ? all : all.filter(name => wanted.includes(name));
}
