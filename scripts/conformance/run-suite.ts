/** Runs one suite against one endpoint. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from './fault.ts';
import { readScores, type Scenario } from './scores.ts';
import { SUITE, type SuiteName } from './suites.ts';
import type { Tools } from './tools.ts';

/** Longest time one suite may take, in ms; 0.1.16 waits for ever for a server that does not answer. */
const LONGEST_RUN_MS = 300_000;

const SCENARIO_BEGINS = /^=== Running scenario: /gm;

export interface SuiteRun {
  readonly suite: SuiteName;
  readonly url: string;
  readonly scenario: string | null;
  /** Hears how many scenarios have begun. */
  readonly onProgress: (begun: number) => void;
}

/** @throws {Fault} the suite did not finish */
export async function runSuite(tools: Tools, run: SuiteRun): Promise<readonly Scenario[]> {
  const detailsDir = mkdtempSync(join(tmpdir(), 'evergate-conformance-'));
  try {
    const { all, one } = SUITE[run.suite];
    const what = run.scenario === null ? all : ['--scenario', run.scenario, ...one];
    const argv = [tools.suite(run.suite), 'server', '--url', run.url, '-o', detailsDir, ...what];
    const output = await outputOf(tools.node, argv, run.onProgress);
    return readScores(output, detailsDir, run.scenario);
  } finally {
    rmSync(detailsDir, { recursive: true, force: true });
  }
}

function outputOf(
  node: string,
  argv: readonly string[],
  onProgress: (begun: number) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, argv, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_RUN_MS });
    let output = '';
    const take = (text: string) => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', text => {
      take(text);
      onProgress([...output.matchAll(SCENARIO_BEGINS)].length);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', error => reject(new Fault(`${node} did not start: ${error.message}`)));
    child.once('close', (_code, signal) => {
      if (signal === null) resolve(output);
      else
        reject(
          new Fault(
            `the suite was ended by ${signal} (it may take ${LONGEST_RUN_MS} ms):\n${output.slice(-3000)}`,
          ),
        );
    });
  });
}
