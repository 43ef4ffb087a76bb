import { describe, expect, it } from 'vitest';
import { checksumOf } from '../../../src/store/checksum.ts';
import { UnreadableRecordError } from '../../../src/store/errors.ts';
import { decodeDocument, encodeDocument } from '../../../src/store/side-values.ts';

const PLACE = 'document "config" of service "a"';
const document = { kind: 'stdio', command: 'x' };
const read = (stored: unknown) => decodeDocument(stored, 'a', 'config', PLACE);
/** As it would be stored with these members behind it. */
const stored = (...more: unknown[]) => [
  checksumOf(JSON.stringify(['a', 'config', document, ...more])),
  document,
  ...more,
];

describe('the stored form of a document', () => {
  it('is read back as it was written', () => {
    expect(read(encodeDocument('a', 'config', document))).toEqual(document);
  });

  it('given it has no version, as before there was one, then it is of the first', () => {
    expect(read(stored())).toEqual(document);
  });

  it.each([2, '1', null])('given the version %j, then it is refused by name, with the remedy', version => {
    expect(() => read(stored(version))).toThrow(UnreadableRecordError);
    expect(() => read(stored(version))).toThrow(
      `${PLACE} has version ${version}, this gateway reads up to 1: start the newer version`,
    );
  });

  it('given another version than the checksum was made of, or another place, then it is damaged', () => {
    const [checksum] = encodeDocument('a', 'config', document);
    expect(() => read([checksum, document])).toThrow(`${PLACE} is damaged`);
    expect(() => read([checksum, document, 1, 1])).toThrow('is damaged');
    expect(() => read(encodeDocument('b', 'config', document))).toThrow('is damaged');
  });
});
