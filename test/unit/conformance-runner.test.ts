import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../scripts/conformance/fault.ts';
import { parseOptions } from '../../scripts/conformance/options.ts';
import { failures, isBelowFloor, type Result, table } from '../../scripts/conformance/report.ts';
import { readScores, type Scenario } from '../../scripts/conformance/scores.ts';

const SUMMARY = `
=== Running scenario: ping ===
Failed to run scenario caching: Error: no answer

=== SUMMARY ===
✓ ping: 2 passed, 0 failed
✗ tools-list: 1 passed, 1 failed
✗ caching: 0 passed, 1 failed
✗ tasks-lifecycle: 1 passed, 8 failed

Total: 4 passed, 10 failed

Not scored for 2026-07-28: 1 scenario(s) run, 1 failing. These do not affect conformance.
  ✗ tasks-lifecycle (extension)
`;

describe('what a suite says', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'evergate-scores-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  function details(scenario: string, checks: object[] | null) {
    const folder = join(dir, `server-${scenario}-2026-11-23T04-11-01-254Z`);
    mkdirSync(folder);
    if (checks !== null) writeFileSync(join(folder, 'checks.json'), JSON.stringify(checks));
  }

  it('each scenario is read with its checks that failed or warned; unscored ones are marked', () => {
    details('tools-list', [
      { id: 'a', status: 'SUCCESS' },
      { id: 'b', status: 'FAILURE', errorMessage: 'no list' },
      { id: 'c', status: 'WARNING', description: 'should' },
    ]);
    details('caching', null);
    expect(readScores(SUMMARY, dir, null)).toEqual([
      { name: 'ping', scored: true, passed: true, checksPassed: 2, checksFailed: 0, remarks: [] },
      {
        name: 'tools-list',
        scored: true,
        passed: false,
        checksPassed: 1,
        checksFailed: 1,
        remarks: [
          { id: 'b', status: 'FAILURE', reason: 'no list' },
          { id: 'c', status: 'WARNING', reason: 'should' },
        ],
      },
      {
        name: 'caching',
        scored: true,
        passed: false,
        checksPassed: 0,
        checksFailed: 1,
        remarks: [{ id: 'scenario', status: 'FAILURE', reason: 'Error: no answer' }],
      },
      {
        name: 'tasks-lifecycle',
        scored: false,
        passed: false,
        checksPassed: 1,
        checksFailed: 8,
        remarks: [],
      },
    ]);
  });

  it('a single scenario is read from its own summary', () => {
    const [ping] = readScores('Test Results:\nPassed: 1/3, 2 failed, 0 warnings', dir, 'ping');
    expect(ping).toMatchObject({ name: 'ping', passed: false, checksPassed: 1, checksFailed: 2 });
  });

  it('a scenario that the suite does not have is no result', () => {
    expect(readScores("SKIPPED: scenario 'ping' is not applicable", dir, 'ping')).toEqual([]);
    expect(readScores("  scenario: Unknown scenario 'pong'", dir, 'pong')).toEqual([]);
  });

  it('a suite that did not finish is a fault, not an empty score', () => {
    expect(() => readScores('TypeError: fetch failed', dir, null)).toThrow(Fault);
    expect(() => readScores('TypeError: fetch failed', dir, 'ping')).toThrow(/fetch failed/);
  });
});

/** A result of 32 scenarios, of which the last ones failed. */
function result(overrides: Partial<Result>, failed = 0): Result {
  const scenarios = Array.from({ length: 32 }, (_, at): Scenario => {
    const passed = at < 32 - failed;
    const remarks = passed ? [] : [{ id: 'check', status: 'FAILURE', reason: 'a\n  b' }];
    return { name: `s${at}`, scored: true, passed, checksPassed: 1, checksFailed: passed ? 0 : 1, remarks };
  });
  return { fixture: 'legacy', suite: 'stable', via: 'gateway', run: 1, scenarios, ...overrides };
}

describe('the verdict', () => {
  it('a score below the floor fails; a floor that does not exist, or the direct score, does not', () => {
    expect(isBelowFloor(result({}), false)).toBe(false);
    expect(isBelowFloor(result({}, 1), false)).toBe(true);
    expect(isBelowFloor(result({ scenarios: [] }), false)).toBe(true);
    expect(isBelowFloor(result({ suite: '2026-07-28' }, 32), false)).toBe(false);
    expect(isBelowFloor(result({ via: 'direct' }, 1), false)).toBe(false);
  });

  it('one scenario by itself has to pass', () => {
    const [passed, failed] = [result({}), result({}, 1)].map(({ scenarios }) => scenarios.slice(-1));
    expect(isBelowFloor(result({ scenarios: passed ?? [] }), true)).toBe(false);
    expect(isBelowFloor(result({ scenarios: failed ?? [] }), true)).toBe(true);
  });

  it('the table compares runs with the direct score and the floor', () => {
    const runs = [result({}), result({ run: 2 }), result({ run: 3 }, 2), result({ via: 'direct' })];
    expect(table(runs, false).split('\n')).toEqual([
      'fixture  suite        gateway          direct          floor',
      'legacy   0.1.16, all  32/32 ×2, 30/32  32/32 measured  32     FAILED',
    ]);
    expect(table([result({ fixture: 'dual' })], false)).toMatch(/^dual .* 32\/32 +32\/32 +32 +ok$/m);
    expect(table([result({ suite: '2026-07-28' })], false)).toMatch(/1\/37 +none +for information$/m);
  });

  it('each failed scenario is named with its checks, where they count', () => {
    expect(failures([result({}), result({ suite: '2026-07-28' }, 5)], false)).toBe('');
    expect(failures([result({ run: 2 }, 1)], false)).toBe(
      'legacy · 0.1.16, all · run 2\n  ✗ s31: 1 checks passed, 1 failed\n      FAILURE check: a b\n\n',
    );
  });
});

describe('the command line', () => {
  it('runs everything once by default', () => {
    expect(parseOptions([])).toEqual({
      suites: ['stable', '2025-11-25', '2026-07-28'],
      fixtures: ['legacy', 'dual'],
      scenario: null,
      runs: 1,
      direct: false,
      json: false,
      help: false,
    });
    expect(parseOptions(['--suite', 'stable', '--fixture', 'dual', '--runs', '10'])).toMatchObject({
      suites: ['stable'],
      fixtures: ['dual'],
      runs: 10,
    });
  });

  it.each([
    [['--suite', 'latest'], /--suite: "latest" is none of stable/],
    [['--fixture', 'x'], /--fixture: "x" is none of legacy, dual/],
    [['--runs', '0'], /--runs/],
    [['--runs', 'many'], /--runs/],
    [['--speed'], /--speed/],
    [['extra'], /extra/],
  ])('%o is refused, with the remedy', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});
