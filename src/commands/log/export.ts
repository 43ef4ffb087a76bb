/** `evergate log export`: the log as JSON Lines. */
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { UnreadableRecordError } from '../../store/errors.ts';
import type { LmdbHandle } from '../../store/lmdb-handle.ts';
import { LmdbLog, openDataDirForReading } from '../../store/lmdb-log.ts';
import { serviceEntry } from '../../store/log-export.ts';
import { asStoreError } from '../../store/storage-faults.ts';
import { EXIT, type Terminal } from '../command.ts';
import { writeWhole } from '../write-whole.ts';
import { EXPORT_VERSION, type FirstLine, type LastLine, serviceLine } from './export-lines.ts';
import type { LogCommand } from './log-command.ts';
import { readArguments, SHARED_HELP } from './options.ts';
import { Progress } from './progress.ts';

const HELP = `Usage: evergate log export [--with-secrets] [--output <file>]

Writes the log as JSON Lines: a first line, every record in the order of \`seq\`, every service with its last record, and a
last line. All of it is of one moment; the gateway may run meanwhile. \`evergate log import\` reads it.

Service configs hold secrets (environment variables, headers, tokens) and are left out, unless:

  --with-secrets      Write them too: whoever reads the export can then read the secrets. Without them an imported service
                      keeps its state and history, but starts again only when its config is sent again.
  --output <file>     Write to a new file, readable by its owner alone, instead of the standard output.
${SHARED_HELP}

Clients' sessions are not part of an export; a backup has them.
`;

const FLAGS = { 'with-secrets': { type: 'boolean' }, output: { type: 'string' } } as const;
/** Records read, and text written, at a time. */
const PAGE = 1000;
const WRITE_CHARS = 65_536;

export const exportCommand: LogCommand = {
  name: 'export',
  summary: 'Write the log as JSON Lines; without secrets unless told to.',
  help: HELP,
  run: async (argv, terminal, load) => {
    const { settings, values } = readArguments(argv, FLAGS, 0, load);
    const data = openDataDirForReading(settings);
    try {
      const write = (target: Target) => writeAll(data, values['with-secrets'] === true, target, terminal);
      const unreadable =
        values.output === undefined ? write(toTerminal(terminal)) : toFile(values.output, write);
      return unreadable === 0 ? EXIT.done : EXIT.failed;
    } finally {
      await data.close();
    }
  },
};

interface Target {
  write(text: string): void;
  /** Nobody reads any more. */
  closed(): boolean;
}

function toTerminal(terminal: Terminal): Target {
  return { write: text => terminal.out(text), closed: () => terminal.closed?.() === true };
}

/** Hands a new file to `write`. @throws {Error} there is one, or it cannot be written; nothing is left of it then */
function toFile<T>(path: string, write: (target: Target) => T): T {
  const fd = openSync(path, 'wx', 0o600);
  try {
    const written = write({ write: text => writeWhole(fd, text), closed: () => false });
    fsyncSync(fd);
    return written;
  } catch (error) {
    rmSync(path, { force: true });
    throw asStoreError(error, 'export the event log to', path);
  } finally {
    closeSync(fd);
  }
}

/** In one turn of the event loop, so that all of it is of one moment. Returns how many could not be read. */
function writeAll(data: LmdbHandle, withSecrets: boolean, target: Target, terminal: Terminal): number {
  let text = '';
  let written = 0;
  const progress = new Progress(terminal);
  const total = new LmdbLog(data).lastSeq();
  for (const line of lines(data, withSecrets, terminal)) {
    text += `${JSON.stringify(line)}\n`;
    written++;
    if (text.length >= WRITE_CHARS) {
      target.write(text);
      text = '';
      progress.show('lines', written, total);
      if (target.closed()) break;
    }
    if ('end' in line) {
      progress.clear();
      target.write(text);
      return line.unreadable;
    }
  }
  return 0;
}

function* lines(data: LmdbHandle, secrets: boolean, terminal: Terminal) {
  const log = new LmdbLog(data);
  const first: FirstLine = { evergateLog: EXPORT_VERSION, exportedAt: new Date().toISOString(), secrets };
  yield first;
  const last = { records: 0, services: 0, unreadable: 0 };
  const skip = (error: unknown) => {
    if (!(error instanceof UnreadableRecordError)) throw error;
    last.unreadable++;
    terminal.err(`left out: ${error.message}\n`);
    return error.seq;
  };
  for (let after = 0; ; ) {
    const page = readPage(() => log.tail(after, PAGE), skip);
    if (typeof page === 'number') after = page;
    else if (page.length === 0) break;
    else {
      yield* page;
      last.records += page.length;
      after = page.at(-1)?.seq ?? after;
    }
  }
  for (const id of log.ids()) {
    const entry = readPage(() => serviceEntry(data, id, secrets), skip);
    if (entry === undefined || typeof entry === 'number') continue;
    yield serviceLine(entry);
    last.services++;
  }
  yield { end: true, ...last } satisfies LastLine;
}

/** What was read, or what `skip` makes of its damage. */
function readPage<T>(read: () => T, skip: (error: unknown) => number | null): T | number {
  try {
    return read();
  } catch (error) {
    return skip(error) ?? 0;
  }
}
