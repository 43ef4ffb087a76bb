/** The weights of a header's alternatives (RFC 9110 §12.4.2). */

/** The weight among the parameters of one alternative, 0 to 1; 1 when there is none. */
export function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const match = /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(parameter);
    if (match) return Math.min(1, Number(match[1]) || 0);
  }
  return 1;
}
