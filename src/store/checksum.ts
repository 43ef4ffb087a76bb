import { crc32 } from 'node:zlib';

/** CRC-32 of a text's UTF-8 bytes: finds damage on the disk, not malice. */
export function checksumOf(text: string): number {
  return crc32(text);
}
