/** Ids of services that were added without one: UUIDv7 (RFC 9562 §5.7) without dashes, so that they sort by time. */
import { randomBytes } from 'node:crypto';

/** @param now epoch ms @param random ten random bytes */
export function newServiceId(now: number = Date.now(), random: Buffer = randomBytes(10)): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  random.copy(bytes, 6, 0, 10);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString('hex');
}
