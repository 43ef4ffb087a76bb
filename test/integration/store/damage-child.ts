/**
 * A process that damages copies of the log of argv[2], in ways drawn from the seed argv[3], argv[4] of them, and uses each
 * as a gateway would. It prints a line of JSON before and after each, so that a crash tells what it was.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { StorageError, UnreadableRecordError } from '../../../src/store/errors.ts';
import { NO_TOKEN } from '../../../src/store/event-log.ts';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import { type LmdbLog, openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { draft } from '../../unit/store/drafts.ts';
import { PAGE_BYTES, usedBytes } from './used-bytes.ts';

const [, , sourceDir = '', seed = '0', count = '0'] = process.argv;
const source = readFileSync(dataFilePath(sourceDir));
const used = usedBytes(source);

const damage = fc.oneof(
  fc.record({ cutAt: fc.nat({ max: used - 1 }) }),
  fc.record({ zeroedPage: fc.nat({ max: used / PAGE_BYTES - 1 }) }),
  { weight: 3, arbitrary: fc.record({ flippedByte: fc.nat({ max: used - 1 }), bit: fc.nat({ max: 7 }) }) },
);
type Damage =
  | { readonly cutAt: number }
  | { readonly zeroedPage: number }
  | { readonly flippedByte: number; readonly bit: number };

const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

/** What came of it: `refused` before anything was read, `told` by whatever is damaged, or the digest of all there is. */
async function use(dataDir: string) {
  const told: string[] = [];
  let log: LmdbLog;
  try {
    log = openLmdbLog({ dataDir });
  } catch (error) {
    return { refused: messageOf(error) };
  }
  const attempt = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      told.push(messageOf(error));
      return undefined;
    }
  };
  const digest = readAll(log, attempt);
  for (const id of ['service 1', 'service 30', 'new'])
    attempt(() => log.append(id, log.head(id)?.token ?? NO_TOKEN, [draft('on')]));
  attempt(() => log.prune({ maxRecords: 10, before: 0 }, 50));
  attempt(() => log.tail(0, 1000));
  await log.close();
  return { told, digest };
}

function readAll(log: LmdbLog, attempt: <T>(action: () => T) => T | undefined): string {
  const hash = createHash('sha256');
  const note = (action: () => unknown) => hash.update(JSON.stringify(attempt(action)) ?? 'nothing');
  const ids = attempt(() => log.ids()) ?? [];
  for (const id of ids) {
    note(() => log.head(id));
    note(() => log.read(id));
    note(() => configOf(log, id));
    if (attempt(() => log.owedTo(id))?.running !== true) note(() => log.owedTo(id));
  }
  for (let seq = 0, last = log.lastSeq(); seq < last; seq++) note(() => log.tail(seq, 1));
  return hash.update(String([ids, log.lastSeq()])).digest('hex');
}

/** Its head names the config: that it is not there is told when it is needed. */
function configOf(log: LmdbLog, id: string) {
  const config = log.document(id, 'config');
  if (config === undefined) throw new StorageError('There is no stored config; send one');
  return config;
}

/** Any other error is a crash. */
function messageOf(error: unknown): string {
  if (error instanceof StorageError || error instanceof UnreadableRecordError) return error.message;
  throw error;
}

function inflict(path: string, what: Damage): void {
  if ('cutAt' in what) truncateSync(path, what.cutAt);
  else overwrite(path, what);
}

function overwrite(path: string, what: Exclude<Damage, { cutAt: number }>): void {
  const fd = openSync(path, 'r+');
  if ('zeroedPage' in what) {
    writeSync(fd, Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, what.zeroedPage * PAGE_BYTES);
  } else {
    writeSync(fd, Buffer.of((source[what.flippedByte] ?? 0) ^ (1 << what.bit)), 0, 1, what.flippedByte);
  }
  closeSync(fd);
}

const copy = (name: string) => {
  const dataDir = join(sourceDir, name);
  mkdirSync(dataDir);
  copyFileSync(dataFilePath(sourceDir), dataFilePath(dataDir));
  return dataDir;
};

say({ sound: await use(copy('sound')) });
for (const [index, what] of fc.sample(damage, { seed: Number(seed), numRuns: Number(count) }).entries()) {
  say({ damage: what });
  const dataDir = copy(String(index));
  inflict(dataFilePath(dataDir), what);
  say({ outcome: await use(dataDir) });
  rmSync(dataDir, { recursive: true });
}
