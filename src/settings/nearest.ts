/** The known name a mistaken one was probably meant to be: the least edits away, case and separators aside. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = plainName(name);
  const ranked = known.map(each => ({ each, edits: editDistance(plain, plainName(each)) }));
  return ranked.sort((a, b) => a.edits - b.edits)[0]?.each;
}

/** Only as much of a name is compared as any known one has; the cost is bounded by it. */
const COMPARED_CHARS = 64;

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '').slice(0, COMPARED_CHARS);
}

/** Levenshtein distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
