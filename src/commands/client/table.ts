/** Columns of text, for a terminal. */

export interface Column<T> {
  readonly title: string;
  /** Figures stand at the right of their column. */
  readonly right?: boolean;
  text(row: T): string;
}

/**
 * Lines with a head; the last column is not padded, and cut where the terminal ends.
 * @param width columns of the terminal; null: as long as they are
 */
export function tableLines<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  width: number | null,
): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map(row => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, at) => Math.max(...cells.map(line => line[at]?.length ?? 0)));
  return cells.map(line => {
    const padded = line.map((cell, at) => {
      if (at === line.length - 1) return cell;
      return columns[at]?.right ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
    });
    const text = padded.join('  ').trimEnd();
    return width !== null && text.length > width ? `${text.slice(0, width - 1)}…` : text;
  });
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

/** The greatest whole unit of a time in ms: `3m`, `2d`; `0s` below a second. */
export function age(ms: number): string {
  const [unitMs, unit] = UNITS.find(([each]) => ms >= each) ?? [1000, 's'];
  return `${Math.max(0, Math.floor(ms / unitMs))}${unit}`;
}

/** `–` for null. */
export function mebibytes(bytes: number | null): string {
  return bytes === null ? '–' : `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)}M`;
}
