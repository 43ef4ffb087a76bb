/** `evergate log prune`: removes old records of a stopped gateway. */
import { openLmdbLog } from '../../store/lmdb-log.ts';
import { EXIT, type Terminal } from '../command.ts';
import { wholeNumber } from '../flags.ts';
import type { LogCommand } from './log-command.ts';
import { readArguments, SHARED_HELP } from './options.ts';
import { count, Progress, turn } from './progress.ts';

const HELP = `Usage: evergate log prune [--max-records <number>] [--max-age-ms <number>] [--json]

Removes the oldest records, as a running gateway does by itself by the same settings; the gateway must be stopped. No service
is lost: each keeps its last state and its config. The file keeps its size, its free pages are used again; a backup has none.

  --max-records <number>  Records to keep. Default: logMaxRecords.
  --max-age-ms <number>   Age from which records go; 0 is never. Default: logMaxAgeMs.
  --json                  One JSON object: {removed}.
${SHARED_HELP}
`;

/** Records removed at a time. */
const SLICE = 2000;

const FLAGS = {
  'max-records': { type: 'string' },
  'max-age-ms': { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const pruneCommand: LogCommand = {
  name: 'prune',
  summary: 'Remove old records of a stopped gateway.',
  help: HELP,
  run: async (argv, terminal, load) => {
    const { settings, values } = readArguments(argv, FLAGS, 0, load);
    const maxRecords = wholeNumber('--max-records', values['max-records'], 1, settings.logMaxRecords);
    const maxAgeMs = wholeNumber('--max-age-ms', values['max-age-ms'], 0, settings.logMaxAgeMs);
    const before = maxAgeMs === 0 ? Number.NEGATIVE_INFINITY : Date.now() - maxAgeMs;
    const log = openLmdbLog(settings);
    try {
      const removed = await prune(slice => log.prune({ maxRecords, before }, slice), terminal);
      terminal.out(
        values.json === true ? `${JSON.stringify({ removed })}\n` : `${count(removed)} records removed\n`,
      );
      return EXIT.done;
    } finally {
      await log.close();
    }
  },
};

async function prune(removeSome: (slice: number) => number, terminal: Terminal): Promise<number> {
  const progress = new Progress(terminal);
  let removed = 0;
  for (let last = SLICE; last === SLICE; ) {
    last = removeSome(SLICE);
    removed += last;
    progress.show('removed', removed, 0);
    await turn();
  }
  progress.clear();
  return removed;
}
