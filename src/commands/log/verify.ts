/** `evergate log verify`: is everything in the log, and does it lead where it says? */
import { type Problem, type VerifyReport, verifyLog } from '../../actors/verify-log.ts';
import type { LmdbHandle } from '../../store/lmdb-handle.ts';
import { LmdbLog, openDataDirForReading } from '../../store/lmdb-log.ts';
import { EXIT, type Terminal } from '../command.ts';
import type { LogCommand } from './log-command.ts';
import { readArguments, SHARED_HELP } from './options.ts';
import { count, Progress, turn } from './progress.ts';

const HELP = `Usage: evergate log verify [--json]

Looks at every page of the data file, folds every record of every service through the statechart, and compares each
service's head, debt and config with what they should be. Prints what is wrong, one line each; exit code 1 if anything is.
The gateway may run meanwhile: the log is verified up to its end at the start.

  --json              One JSON object per line: each problem as {id, seq, reason}, then {pages, records, services, …}.
${SHARED_HELP}
`;

interface Verified extends VerifyReport {
  readonly pages: number;
  readonly recordsPerSecond: number;
}

export const verifyCommand: LogCommand = {
  name: 'verify',
  summary: 'Fold every record, look at every page; exit code 1 if anything is wrong.',
  help: HELP,
  run: async (argv, terminal, load) => {
    const { settings, values } = readArguments(argv, { json: { type: 'boolean' } }, 0, load);
    const data = openDataDirForReading(settings);
    try {
      const verified = await verify(data, new Progress(terminal));
      (values.json === true ? printJson : print)(verified, terminal);
      return verified.problemCount === 0 ? EXIT.done : EXIT.failed;
    } finally {
      await data.close();
    }
  },
};

async function verify(data: LmdbHandle, progress: Progress): Promise<Verified> {
  const check = data.checkPages();
  let pages = check.next();
  for (; !pages.done; pages = check.next()) progress.show('pages', pages.value, 0);
  const run = verifyLog(new LmdbLog(data));
  let foldMs = 0;
  for (;;) {
    const since = performance.now();
    const step = run.next();
    if (step.done) {
      progress.clear();
      const recordsPerSecond = Math.round((step.value.records / Math.max(foldMs, 1)) * 1000);
      return { ...step.value, pages: pages.value ?? 0, recordsPerSecond };
    }
    if (step.value.step === 'records') foldMs += performance.now() - since;
    progress.show(step.value.step, step.value.done, step.value.total);
    await turn();
  }
}

function print(verified: Verified, terminal: Terminal): void {
  for (const problem of verified.problems) terminal.out(`${describe(problem)}\n`);
  const { problems, problemCount, pages, records, services, recordsPerSecond } = verified;
  if (problemCount > problems.length) terminal.out(`and ${count(problemCount - problems.length)} more\n`);
  const looked = `${count(pages)} pages, ${count(records)} records, ${count(services)} services`;
  const verdict = problemCount === 0 ? 'sound' : `${count(problemCount)} problems`;
  terminal.out(`${verdict}: ${looked}; ${count(recordsPerSecond)} records folded per second\n`);
}

function describe({ id, seq, reason }: Problem): string {
  const service = id === null ? '' : `service ${JSON.stringify(id)}: `;
  return `${service}${reason}${seq === null || reason.includes(String(seq)) ? '' : ` (record ${seq})`}`;
}

function printJson({ problems, ...summary }: Verified, terminal: Terminal): void {
  for (const { id, seq, reason } of problems) terminal.out(`${JSON.stringify({ id, seq, reason })}\n`);
  terminal.out(`${JSON.stringify(summary)}\n`);
}
