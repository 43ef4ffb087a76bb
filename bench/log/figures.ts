/** Figures of a benchmark next to their goals, and how it says what it is doing. */

export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  readonly isMet: boolean;
}

/** NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** As a Markdown table. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(
    ({ what, measured, goal, isMet }) => `| ${what} | ${measured} | ${goal} | ${isMet ? 'yes' : '**no**'} |`,
  );
  return ['| what | measured | goal | met |', '|---|---|---|---|', ...rows].join('\n');
}

export const count = (number: number) => Math.round(number).toLocaleString('en-US');
export const ms = (time: number) => `${time.toFixed(time < 10 ? 2 : 0)} ms`;
export const mb = (size: number) => `${size.toFixed(1)} MB`;

/** Progress goes to standard error, results to standard output. */
export const say = (what: string) => process.stderr.write(`${what}\n`);
