/** What the user gets to see: the table of scores, and what failed. */
import type { Scenario } from './scores.ts';
import { EXPECTED, type FixtureName, SUITE, type SuiteName } from './suites.ts';

export interface Result {
  readonly fixture: FixtureName;
  readonly suite: SuiteName;
  /** Through the gateway, or the fixture's own HTTP. */
  readonly via: 'gateway' | 'direct';
  /** Counted from 1. */
  readonly run: number;
  readonly scenarios: readonly Scenario[];
}

interface Score {
  readonly passed: number;
  readonly total: number;
}

function scoreOf({ scenarios }: Result): Score {
  const scored = scenarios.filter(scenario => scenario.scored);
  return { passed: scored.filter(scenario => scenario.passed).length, total: scored.length };
}

/** Whether the result is worse than it has to be. @param single one scenario was asked for, so it has to pass */
export function isBelowFloor(result: Result, single: boolean): boolean {
  const { floor } = EXPECTED[result.fixture][result.suite];
  const { passed, total } = scoreOf(result);
  if (result.via === 'direct' || floor === null) return false;
  return passed < (single ? total : floor);
}

/** One line for each fixture and suite: the runs' scores beside the direct one and the floor. */
export function table(results: readonly Result[], single: boolean): string {
  const rows = [['fixture', 'suite', 'gateway', 'direct', 'floor', '']];
  for (const runs of grouped(results)) {
    const [first] = runs;
    if (first === undefined) continue;
    const { fixture, suite } = first;
    const { direct, total, floor } = EXPECTED[fixture][suite];
    const gateway = runs.filter(({ via }) => via === 'gateway');
    const measured = runs.find(({ via }) => via === 'direct');
    const known = single ? '' : `${direct}/${total}`;
    rows.push([
      fixture,
      SUITE[suite].title,
      compact(gateway.map(run => ratio(scoreOf(run)))),
      measured === undefined ? known : `${ratio(scoreOf(measured))} measured`,
      single ? '' : (floor?.toString() ?? 'none'),
      verdict(gateway, single, floor),
    ]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? [];
  return rows
    .map(row =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What failed, with its checks, in the results that are below their floor; `--json` has everything. */
export function failures(results: readonly Result[], single: boolean): string {
  const lines: string[] = [];
  for (const result of results) {
    if (!isBelowFloor(result, single)) continue;
    const { fixture, suite, run } = result;
    const failed = result.scenarios.filter(({ passed }) => !passed);
    lines.push(`${fixture} · ${SUITE[suite].title} · run ${run}`);
    for (const { name, remarks, checksPassed, checksFailed } of failed.filter(({ scored }) => scored)) {
      lines.push(`  ✗ ${name}: ${checksPassed} checks passed, ${checksFailed} failed`);
      lines.push(...remarks.map(({ id, status, reason }) => `      ${status} ${id}: ${oneLine(reason)}`));
    }
    const unscored = failed.filter(({ scored }) => !scored).map(({ name }) => name);
    if (unscored.length > 0) lines.push(`  not scored, failed: ${unscored.join(', ')}`);
    lines.push('');
  }
  return lines.map(line => `${line}\n`).join('');
}

function grouped(results: readonly Result[]): readonly (readonly Result[])[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const key = `${result.fixture} ${result.suite}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()];
}

function verdict(runs: readonly Result[], single: boolean, floor: number | null): string {
  if (runs.some(run => isBelowFloor(run, single))) return 'FAILED';
  return floor === null ? 'for information' : 'ok';
}

const ratio = ({ passed, total }: Score) => `${passed}/${total}`;

/** Equal scores of many runs are written once: `32/32 ×10`. */
function compact(scores: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const score of scores) counts.set(score, (counts.get(score) ?? 0) + 1);
  return [...counts].map(([score, count]) => (count === 1 ? score : `${score} ×${count}`)).join(', ');
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > 400 ? `${flat.slice(0, 400)}…` : flat;
}
