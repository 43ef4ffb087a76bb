/** How the keys of a tree are told and ordered. */
export interface KeyKind {
  readonly isKey: (key: Buffer) => boolean;
  readonly compare: (a: Buffer, b: Buffer) => number;
}

/** Keys of tables, ordered by their bytes. */
export const BY_BYTES: KeyKind = { isKey: key => key.length > 0, compare: (a, b) => a.compare(b) };

/** Keys of the list of free pages: transaction ids. */
export const BY_NUMBER: KeyKind = {
  isKey: key => key.length === 8,
  compare: (a, b) =>
    a.length === 8 && b.length === 8 ? Number(a.readBigUInt64LE() - b.readBigUInt64LE()) : -1,
};
