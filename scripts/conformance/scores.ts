/** Reads what a suite says of its scenarios. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from './fault.ts';

export interface Check {
  readonly id: string;
  readonly status: string;
  readonly reason: string;
}

export interface Scenario {
  readonly name: string;
  /** Whether it counts: the requirement sets also run scenarios that do not. */
  readonly scored: boolean;
  readonly passed: boolean;
  readonly checksPassed: number;
  readonly checksFailed: number;
  /** The checks that failed or warned. */
  readonly remarks: readonly Check[];
}

const SUMMARY_LINE = /^[✓✗] (\S+): (\d+) passed, (\d+) failed$/gm;
const UNSCORED_LINE = /^ {2}[✓✗] (\S+) \([^)]*\)$/gm;
const SINGLE_RESULT = /^Passed: (\d+)\/\d+, (\d+) failed/m;
/** Longest quotation of a suite's output, in characters. */
const LONGEST_QUOTE = 3000;
/** The suite does not have the scenario, or not for this revision. */
const NOT_THERE = /^SKIPPED: |Unknown scenario '/m;
const THREW = /^Failed to run scenario (\S+): (.*)$/gm;
const DETAILS_FOLDER = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;

/**
 * What the suite has told; empty when it does not have the one scenario that was asked for.
 * @param single the one scenario that was run, or null after a whole suite
 * @throws {Fault} it did not finish
 */
export function readScores(output: string, detailsDir: string, single: string | null): readonly Scenario[] {
  const unscored = new Set([...output.matchAll(UNSCORED_LINE)].map(([, name]) => name));
  const details = readDetails(output, detailsDir);
  const scenarios = tallies(output, single).map(([name, passed, failed]) => ({
    name,
    scored: !unscored.has(name),
    passed: failed === 0,
    checksPassed: passed,
    checksFailed: failed,
    remarks: details.get(name) ?? [],
  }));
  if (scenarios.length > 0 || (single !== null && NOT_THERE.test(output))) return scenarios;
  throw new Fault(`the suite did not finish:\n${output.slice(-LONGEST_QUOTE)}`);
}

function tallies(output: string, single: string | null): readonly (readonly [string, number, number])[] {
  if (single === null) {
    return [...output.matchAll(SUMMARY_LINE)].map(([, name = '', passed, failed]) => [
      name,
      Number(passed),
      Number(failed),
    ]);
  }
  const result = SINGLE_RESULT.exec(output);
  return result === null ? [] : [[single, Number(result[1]), Number(result[2])]];
}

/** Failed and warned checks by scenario. A scenario that threw has written none, but said why. */
function readDetails(output: string, dir: string): ReadonlyMap<string, readonly Check[]> {
  const details = new Map<string, readonly Check[]>();
  for (const [, name = '', reason = ''] of output.matchAll(THREW)) {
    details.set(name, [{ id: 'scenario', status: 'FAILURE', reason }]);
  }
  for (const folder of readdirSync(dir)) {
    const [, name] = DETAILS_FOLDER.exec(folder) ?? [];
    const file = join(dir, folder, 'checks.json');
    if (name === undefined || !existsSync(file)) continue;
    const checks: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(checks)) details.set(name, checks.map(checkOf).filter(isRemark));
  }
  return details;
}

const isRemark = ({ status }: Check) => status === 'FAILURE' || status === 'WARNING';

function checkOf({ id, status, errorMessage, description }: Record<string, unknown>): Check {
  return { id: String(id), status: String(status), reason: String(errorMessage ?? description ?? '') };
}
