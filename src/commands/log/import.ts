/** `evergate log import`: a new data directory from an export. */
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { messageOf } from '../../message-of.ts';
import { LogImport } from '../../store/log-import.ts';
import { EXIT, UsageError } from '../command.ts';
import { EXPORT_VERSION, type FirstLine, type LastLine, parseLine } from './export-lines.ts';
import type { LogCommand } from './log-command.ts';
import { readArguments, SHARED_HELP } from './options.ts';
import { count, Progress } from './progress.ts';

const HELP = `Usage: evergate log import <file> [--json]

Makes a new event log from what \`evergate log export\` wrote; "-" reads the standard input. The data directory must have no
log. All of it is imported or nothing. \`evergate log verify\` then folds it; after an export without --with-secrets it names the
config of each service as missing, and its exit code is 1.

  --json              One JSON object: {records, services, unreadable, secrets}.
${SHARED_HELP}
`;

/** What was imported. */
interface Imported {
  readonly first: FirstLine;
  readonly last: LastLine;
}

export const importCommand: LogCommand = {
  name: 'import',
  summary: 'Make a new log from an export.',
  help: HELP,
  run: async (argv, terminal, load) => {
    const { settings, values, positionals } = readArguments(argv, { json: { type: 'boolean' } }, 1, load);
    const [path] = positionals;
    if (path === undefined) throw new UsageError('log import needs the file to import, or "-"');
    const progress = new Progress(terminal);
    const imported = await importLines(settings.dataDir, openLines(path), progress);
    progress.clear();
    terminal.out(values.json === true ? asJson(imported) : asText(imported));
    return EXIT.done;
  },
};

function asJson({ first: { secrets }, last: { records, services, unreadable } }: Imported): string {
  return `${JSON.stringify({ records, services, unreadable, secrets })}\n`;
}

function asText({ first, last }: Imported): string {
  const lost =
    last.unreadable === 0 ? '' : `; ${count(last.unreadable)} could not be read when it was exported`;
  const bare = first.secrets
    ? ''
    : 'the export has no configs: each service needs its config sent again before it can start\n';
  return `${count(last.records)} records, ${count(last.services)} services imported${lost}\n${bare}`;
}

async function* openLines(path: string): AsyncGenerator<string> {
  if (path === '-') {
    yield* createInterface({ input: process.stdin });
    return;
  }
  const file = await open(path);
  try {
    yield* file.readLines();
  } finally {
    await file.close();
  }
}

async function importLines(
  dataDir: string,
  lines: AsyncIterable<string>,
  progress: Progress,
): Promise<Imported> {
  const target = new LogImport(dataDir);
  try {
    const imported = await readInto(target, lines, progress);
    await target.finish();
    return imported;
  } catch (error) {
    await target.abandon();
    throw error;
  }
}

async function readInto(
  target: LogImport,
  lines: AsyncIterable<string>,
  progress: Progress,
): Promise<Imported> {
  let first: FirstLine | undefined;
  let number = 0;
  const done = { records: 0, services: 0 };
  for await (const text of lines) {
    number++;
    try {
      const { kind, line } = parseLine(text);
      if (kind === 'first') first = requireKnown(line);
      else if (first === undefined) throw new Error('an export begins with another line');
      else if (kind === 'last') return { first, last: requireAll(line, done) };
      else if (kind === 'record') target.record(line);
      else target.service(line);
      done.records += kind === 'record' ? 1 : 0;
      done.services += kind === 'service' ? 1 : 0;
    } catch (error) {
      throw new Error(`line ${number} cannot be imported: ${messageOf(error)}`, { cause: error });
    }
    progress.show('lines', number, 0);
  }
  throw new Error(`the export is cut off after line ${number}: export again`);
}

function requireKnown(line: FirstLine): FirstLine {
  if (line.evergateLog === EXPORT_VERSION) return line;
  throw new Error(`it is an export of version ${line.evergateLog}, this is for version ${EXPORT_VERSION}`);
}

function requireAll(last: LastLine, done: { records: number; services: number }): LastLine {
  if (last.records === done.records && last.services === done.services) return last;
  throw new Error('records or services are missing before it: export again');
}
