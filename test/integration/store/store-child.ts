/**
 * A process that opens the log of argv[2] and by argv[3]
 * - `append`: appends for ever, argv[4] bytes each;
 * - `starve`: appends until a file size limit it sets itself refuses one, then lifts it and goes on;
 * - `hold`: just holds it.
 * It prints `open`, the seq of each acknowledged record, and `refused: …`.
 */
import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { StorageError } from '../../../src/store/errors.ts';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { type LmdbLog, openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { draft } from '../../unit/store/drafts.ts';

const [, , dataDir = '', mode, bytes = '0'] = process.argv;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function appendOne(log: LmdbLog, shape: number, text: string): void {
  const last = log.lastSeq();
  const id = `s${last % 20}`;
  const event = { type: `t${shape}`, [`k${shape}`]: text };
  log.append(id, log.head(id)?.token ?? NO_TOKEN, [
    draft('x', { event, documents: { last: { seq: last + 1 } } }),
  ]);
  say(String(log.lastSeq()));
}

function limitFileSize(limit: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${limit}:`]);
}

/** Every append has a shape of its own, so that the refused ones took part in the shared structures. */
function starve(log: LmdbLog): void {
  for (let shape = 0; shape < 5; shape++) appendOne(log, shape, 'x');
  limitFileSize('65536');
  let shape = 5;
  for (let refusals = 0; refusals < 3; shape++) {
    try {
      appendOne(log, shape, 'x'.repeat(3000));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      say(`refused: ${error.message}`);
      refusals++;
    }
  }
  limitFileSize('unlimited');
  for (let again = shape - 1; again > shape - 8; again--) appendOne(log, again, 'x'.repeat(3000));
}

try {
  const log = openLmdbLog({ dataDir });
  say('open');
  if (mode === 'append') for (let i = 0; ; i++) appendOne(log, i % 40, 'x'.repeat(Number(bytes)));
  else if (mode === 'starve') starve(log);
  else process.stdin.resume();
} catch (error) {
  if (!(error instanceof StorageError)) throw error;
  say(`refused: ${error.message}`);
}
