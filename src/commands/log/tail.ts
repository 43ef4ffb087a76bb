/** `evergate log tail`: the newest records, and those to come. */

import type { LogRecord } from '../../store/event-log.ts';
import { LmdbLog, openDataDirForReading } from '../../store/lmdb-log.ts';
import { EXIT, type Terminal } from '../command.ts';
import { wholeNumber } from '../flags.ts';
import type { LogCommand } from './log-command.ts';
import { newestRecords, recordsAfter } from './newest-records.ts';
import { readArguments, SHARED_HELP } from './options.ts';
import { recordLine } from './record-line.ts';

const HELP = `Usage: evergate log tail [--service <id>] [--lines <number>] [--follow] [--json]

Prints the newest records, oldest of them first; the gateway may run meanwhile.

  --service <id>      Those of one service alone.
  --lines <number>    How many. Default: 20.
  --follow            Go on with new ones as they come, until interrupted.
  --json              One JSON object per line: the whole record.
${SHARED_HELP}
`;

const FLAGS = {
  service: { type: 'string' },
  lines: { type: 'string' },
  follow: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** Time between two looks for new records, in ms. */
const POLL_MS = 200;

export const tailCommand: LogCommand = {
  name: 'tail',
  summary: 'Print the newest records, and with --follow those to come.',
  help: HELP,
  run: async (argv, terminal, load) => {
    const { settings, values } = readArguments(argv, FLAGS, 0, load);
    const limit = wholeNumber('--lines', values.lines, 0, 20);
    const data = openDataDirForReading(settings);
    try {
      const log = new LmdbLog(data);
      const lastSeq = log.lastSeq();
      const print = printer(terminal, values.json === true);
      for (const record of newestRecords(log, limit, values.service)) print(record);
      if (values.follow === true) await follow(log, lastSeq, values.service, print, terminal);
      return EXIT.done;
    } finally {
      await data.close();
    }
  },
};

type Print = (record: LogRecord | string) => void;

const printer =
  (terminal: Terminal, asJson: boolean): Print =>
  record => {
    if (typeof record === 'string') terminal.err(`left out: ${record}\n`);
    else terminal.out(asJson ? `${JSON.stringify(record)}\n` : `${recordLine(record)}\n`);
  };

async function follow(
  log: LmdbLog,
  lastSeq: number,
  service: string | undefined,
  print: Print,
  terminal: Terminal,
): Promise<void> {
  let after = lastSeq;
  while (terminal.closed?.() !== true) {
    for (const { seq, found } of recordsAfter(log, after)) {
      after = seq;
      if (typeof found === 'string' || service === undefined || found.id === service) print(found);
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}
