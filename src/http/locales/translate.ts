/** From `Accept-Language` to a sentence (contract §1: en by default, zh-CN, zh-TW). */
import type { FastifyRequest } from 'fastify';
import { qualityOf } from '../quality.ts';
import { en, type LocaleKey } from './en.ts';
import { zhCN } from './zh-CN.ts';
import { zhTW } from './zh-TW.ts';

const catalogues = { en, 'zh-CN': zhCN, 'zh-TW': zhTW } as const;

export type Language = keyof typeof catalogues;

/** Ranges of one header that are looked at; the rest of a longer list is ignored. */
const MAX_RANGES = 16;

/** The best supported language of an `Accept-Language` header (RFC 9110 §12.5.4); `en` when none fits. */
export function negotiateLanguage(header: string | undefined): Language {
  let best: Language = 'en';
  let bestQuality = 0;
  for (const range of header?.split(',', MAX_RANGES) ?? []) {
    const [tag = '', ...parameters] = range.split(';');
    const language = supported(tag.trim().toLowerCase());
    const quality = qualityOf(parameters);
    if (language !== undefined && quality > bestQuality) {
      best = language;
      bestQuality = quality;
    }
  }
  return best;
}

/** The language a request is answered in. */
export function languageOf({ headers }: FastifyRequest): Language {
  return negotiateLanguage(headers['accept-language']);
}

/** The sentence for a key. `reason` stands in for `{reason}`, whatever characters it has. */
export function translate(language: Language, key: LocaleKey, reason = ''): string {
  return catalogues[language][key].replace('{reason}', () => reason);
}

/** The script decides where the tag names one, else the region; bare `zh` is simplified. */
function supported(tag: string): Language | undefined {
  const [primary, ...subtags] = tag.split('-');
  if (primary === 'en' || primary === '*') return 'en';
  if (primary !== 'zh') return undefined;
  if (subtags.includes('hant')) return 'zh-TW';
  if (subtags.includes('hans')) return 'zh-CN';
  return subtags.some(subtag => subtag === 'tw' || subtag === 'hk' || subtag === 'mo') ? 'zh-TW' : 'zh-CN';
}
