/** What is run, in front of what, and how many scenarios have to pass. */

export const FIXTURES = ['legacy', 'dual'] as const;
export type FixtureName = (typeof FIXTURES)[number];

export const SUITES = ['stable', '2025-11-25', '2026-07-28'] as const;
export type SuiteName = (typeof SUITES)[number];

interface Suite {
  /** Its heading in the table. */
  readonly title: string;
  /** Its name among the dependencies of `tools/package.json`. */
  readonly package: 'suite-stable' | 'suite-alpha';
  /** Arguments that run all of it. */
  readonly all: readonly string[];
  /** Arguments beside `--scenario`, which excludes `--requirements`. */
  readonly one: readonly string[];
}

export const SUITE: Readonly<Record<SuiteName, Suite>> = {
  stable: { title: '0.1.16, all', package: 'suite-stable', all: ['--suite', 'all'], one: [] },
  '2025-11-25': requirements('2025-11-25'),
  '2026-07-28': requirements('2026-07-28'),
};

function requirements(revision: string): Suite {
  return {
    title: `0.2.0-alpha.12, ${revision}`,
    package: 'suite-alpha',
    all: ['--requirements', revision],
    one: ['--spec-version', revision],
  };
}

export interface Expectation {
  /** Scenarios that pass against the fixture itself, over its own HTTP. */
  readonly direct: number;
  readonly total: number;
  /** Scenarios that must pass through the gateway; null: for information only. */
  readonly floor: number | null;
}

/** The legacy fixture does not speak 2026-07-28, so what a modern client is told there has no floor. */
export const EXPECTED: Readonly<Record<FixtureName, Readonly<Record<SuiteName, Expectation>>>> = {
  legacy: {
    stable: { direct: 32, total: 32, floor: 32 },
    '2025-11-25': { direct: 30, total: 30, floor: 30 },
    '2026-07-28': { direct: 1, total: 37, floor: null },
  },
  dual: {
    stable: { direct: 32, total: 32, floor: 32 },
    '2025-11-25': { direct: 30, total: 30, floor: 30 },
    '2026-07-28': { direct: 37, total: 37, floor: 37 },
  },
};
