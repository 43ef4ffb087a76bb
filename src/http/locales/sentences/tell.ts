/** From a sentence as data to its words. */
import type { Sentence } from '../../../explain/sentences.ts';
import type { Language } from '../translate.ts';
import { en } from './en.ts';
import type { Wording } from './wording.ts';
import { zhCN } from './zh-CN.ts';
import { zhTW } from './zh-TW.ts';

const wordings: Readonly<Record<Language, Wording>> = { en, 'zh-CN': zhCN, 'zh-TW': zhTW };

/** The sentence in a language. */
export function tell(language: Language, { key, given }: Sentence): string {
  return (wordings[language][key] as (given: Sentence['given']) => string)(given);
}
