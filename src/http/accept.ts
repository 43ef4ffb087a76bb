/** Which form of an answer a client asks for. */
import { qualityOf } from './quality.ts';

/** Ranges of one header that are looked at; the rest of a longer list is ignored. */
const MAX_RANGES = 32;

/**
 * The media type of `offered` that `Accept` likes best (RFC 9110 §12.5.1): of equals the first, and the first of all when
 * there is no such header; null when it takes none of them.
 */
export function negotiateType<const T extends string>(
  accept: string | undefined,
  offered: readonly T[],
): T | null {
  const ranges = (accept ?? '*/*').split(',', MAX_RANGES).map(readRange);
  let best: T | null = null;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityFor(type, ranges);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';');
  return { type: type.trim().toLowerCase(), quality: qualityOf(parameters) };
}

/** The weight of the most specific range that matches. */
function qualityFor(type: string, ranges: readonly Range[]): number {
  const [main = ''] = type.split('/');
  for (const name of [type, `${main}/*`, '*/*']) {
    const range = ranges.find(each => each.type === name);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
