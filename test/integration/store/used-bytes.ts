/** Bytes of a page of the data files that these tests make. */
export const PAGE_BYTES = 4096;

/** Bytes up to the last page in use, as the newer meta page of a data file has it. */
export function usedBytes(file: Buffer): number {
  const [first, second] = [0, PAGE_BYTES].map(at => ({
    lastPage: Number(file.readBigUInt64LE(at + 144)),
    txnId: file.readBigUInt64LE(at + 152),
  }));
  if (!first || !second) throw new Error('no meta pages');
  return ((first.txnId > second.txnId ? first : second).lastPage + 1) * PAGE_BYTES;
}
