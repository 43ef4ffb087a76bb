import { crc32 } from 'node:zlib';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { UnreadableRecordError } from '../../../src/store/errors.ts';
import { type LogRecord, NO_TOKEN, RECORD_VERSION } from '../../../src/store/event-log.ts';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import { openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { decodeRecord, encodeRecord } from '../../../src/store/records.ts';
import { draft, inTempDir, removal, withDocuments } from './drafts.ts';

type Table = 'log' | 'heads' | 'documents' | 'owed';
type Key = number | string | [string, string];

/** Overwrites one stored value, while no log is open. */
async function overwrite(dataDir: string, table: Table, key: Key, bytes: Buffer): Promise<void> {
  const root = open({ path: dataFilePath(dataDir), maxDbs: 8, overlappingSync: false });
  root.openDB<Buffer, Key>({ name: table, encoding: 'binary' }).putSync(key, bytes);
  await root.close();
}

/** Services a and b with two records each: a has 1 and 3, b has 2 and 4. */
async function fill(dataDir: string): Promise<void> {
  const log = openLmdbLog({ dataDir });
  const owed = { running: false, dueAt: 7 };
  const a = log.append('a', NO_TOKEN, [withDocuments({ config: { x: 1 } })]);
  const b = log.append('b', NO_TOKEN, [withDocuments({ config: { x: 2 } })]);
  log.append('a', a, [draft('start', { owed })]);
  log.append('b', b, [draft('start', { owed })]);
  await log.close();
}

/** A record in its stored form, as msgpack of a checksum and the JSON text. */
function packedText(record: LogRecord): Buffer {
  const text = JSON.stringify(record);
  const bytes = Buffer.alloc(8 + Buffer.byteLength(text));
  bytes.writeUInt8(0x92, 0);
  bytes.writeUInt8(0xce, 1);
  bytes.writeUInt32BE(crc32(text), 2);
  bytes.writeUInt8(0xd9, 6);
  bytes.writeUInt8(Buffer.byteLength(text), 7);
  bytes.write(text, 8);
  return bytes;
}

const GARBAGE: [string, Buffer][] = [
  ['garbage', Buffer.from('c1ff00deadbeef', 'hex')],
  ['nothing', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(200)],
  ['an undefined structure', Buffer.from('7f7f7f', 'hex')],
  ['a string', Buffer.from([0xa3, 0x61, 0x62, 0x63])],
];

describe('a record that cannot be read', () => {
  it.each(GARBAGE)('given %s as the head of a service, then that service alone is unreadable', (_, bytes) =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      await overwrite(dataDir, 'heads', 'a', bytes);
      const log = openLmdbLog({ dataDir });

      expect(() => log.head('a')).toThrow(UnreadableRecordError);
      expect(() => log.read('a')).toThrow('the head of service "a" is damaged');
      expect(log.head('b')?.record.event.type).toBe('start');
      expect(log.ids()).toEqual(['a', 'b']);
      expect(log.tail(0, 10)).toHaveLength(4);
      log.append('b', log.head('b')?.token ?? NO_TOKEN, [draft('on')]);
      log.append('c', NO_TOKEN, [draft('registered')]);
      await log.close();
    }),
  );

  it('given an unreadable head, then the service takes its removal and nothing else', () =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      await overwrite(dataDir, 'heads', 'a', Buffer.from('c1', 'hex'));
      const log = openLmdbLog({ dataDir });

      expect(() => log.append('a', NO_TOKEN, [draft('start')])).toThrow(UnreadableRecordError);
      expect(log.lastSeq()).toBe(4);
      expect(log.append('a', NO_TOKEN, [removal()])).toBe(NO_TOKEN);

      expect(log.head('a')).toBeUndefined();
      expect(log.document('a', 'config')).toBeUndefined();
      log.append('a', NO_TOKEN, [draft('registered')]);
      expect(log.read('a').map(({ seq, n, prev }) => [seq, n, prev])).toEqual([[6, 1, 0]]);
      await log.close();
    }));

  it.each(GARBAGE)(
    'given %s as an older record, then its service has no history, and a reader of all goes round it',
    (_, bytes) =>
      inTempDir(async dataDir => {
        await fill(dataDir);
        await overwrite(dataDir, 'log', 1, bytes);
        await overwrite(dataDir, 'log', 3, bytes);
        const log = openLmdbLog({ dataDir });

        expect(() => log.read('a')).toThrow('record 3 is damaged');
        expect(log.head('a')?.record.seq).toBe(3);
        expect(log.read('b')).toHaveLength(2);
        expect(() => log.tail(0, 10)).toThrow(expect.objectContaining({ seq: 1 }));
        expect(log.tail(1, 10).map(record => record.seq)).toEqual([2]);
        expect(() => log.tail(2, 10)).toThrow(
          expect.objectContaining({ name: 'UnreadableRecordError', seq: 3 }),
        );
        expect(log.tail(3, 10).map(record => record.seq)).toEqual([4]);
        await log.close();
      }),
  );

  it('given a record that was swapped for that of another service, then it is noticed', () =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      const record = {
        v: RECORD_VERSION,
        seq: 1,
        id: 'b',
        n: 1,
        prev: 0,
        at: 1,
        event: { type: 'x' },
        to: { value: 'x', context: {} },
      };
      await overwrite(dataDir, 'log', 1, packedText(record));
      const log = openLmdbLog({ dataDir });

      expect(() => log.read('a')).toThrow('record 1 is damaged');
      await log.close();
    }));

  it('given a damaged document, then that service alone is unreadable', () =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      await overwrite(dataDir, 'documents', ['a', 'config'], Buffer.from('{"x":'));
      const log = openLmdbLog({ dataDir });

      expect(() => log.document('a', 'config')).toThrow(UnreadableRecordError);
      expect(() => log.document('a', 'config')).toThrow('document "config" of service "a" is damaged');
      expect(log.document('b', 'config')).toEqual({ x: 2 });
      await log.close();
    }));

  it.each(GARBAGE)('given %s where it says what is owed, then the service counts as running', (_, bytes) =>
    inTempDir(async dataDir => {
      await fill(dataDir);
      await overwrite(dataDir, 'owed', 'a', bytes);
      const log = openLmdbLog({ dataDir });

      expect([...log.owed()]).toEqual([
        { id: 'a', owed: { running: true, dueAt: null } },
        { id: 'b', owed: { running: false, dueAt: 7 } },
      ]);
      await log.close();
    }),
  );
});

describe('decodeRecord', () => {
  const sound: LogRecord = {
    v: RECORD_VERSION,
    seq: 7,
    id: 'a',
    n: 2,
    prev: 3,
    at: 1,
    event: { type: 'x' },
    to: { value: 'Ended', context: {} },
  };

  it('accepts what encodeRecord made', () => {
    expect(decodeRecord(encodeRecord(sound), 'record 7', 7)).toEqual(sound);
  });

  it('refuses a newer version, naming it and the remedy', () => {
    const newer = () => decodeRecord(encodeRecord({ ...sound, v: RECORD_VERSION + 1 }), 'record 7', 7);
    expect(newer).toThrow(UnreadableRecordError);
    expect(newer).toThrow(
      `record 7 has version ${RECORD_VERSION + 1}, this gateway reads up to ${RECORD_VERSION}: start the newer version`,
    );
  });

  it.each([
    [{ v: 0 }],
    [{ v: '1' }],
    [{ seq: 8 }],
    [{ prev: 7 }],
    [{ prev: 0 }],
    [{ n: 1 }],
    [{ n: 0 }],
    [{ n: 1.5 }],
    [{ id: 5 }],
    [{ at: null }],
    [{ event: {} }],
    [{ event: [] }],
    [{ to: null }],
    [{ to: { value: 'x' } }],
    [{ to: { context: {} } }],
    [{ to: { value: 'x', context: [] } }],
  ])('refuses a record with %j', damage => {
    const stored = encodeRecord({ ...sound, ...damage } as LogRecord);
    expect(() => decodeRecord(stored, 'record 7', 7)).toThrow('record 7 is damaged');
  });

  it.each([
    ['context', (text: string) => text.replace('Ended', 'Bnded')],
    ['time', (text: string) => text.replace('"at":1', '"at":3')],
  ])('refuses a record whose %s is another than was written', (_, change) => {
    const [checksum, record] = encodeRecord(sound);
    const changed = JSON.parse(change(JSON.stringify(record)));
    expect(() => decodeRecord([checksum, changed], 'record 7', 7)).toThrow('record 7 is damaged');
  });

  it.each([[undefined], [null], [7], ['{"v":1'], [[]], [[1]], [[1, undefined]], [[1, sound]], [sound]])(
    'refuses %j',
    stored => {
      expect(() => decodeRecord(stored, 'record 7', 7)).toThrow(UnreadableRecordError);
    },
  );

  it('refuses a number that damage has made too large for JSON', () => {
    expect(() => decodeRecord([1, { ...sound, at: 1n }], 'record 7', 7)).toThrow(UnreadableRecordError);
  });
});
