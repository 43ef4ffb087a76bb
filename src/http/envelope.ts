/** The shape of every management reply (contract §1). */
import type { FastifyRequest } from 'fastify';
import type { LocaleKey } from './locales/en.ts';
import { languageOf, translate } from './locales/translate.ts';

export interface Envelope<T> {
  readonly code: string;
  readonly message: string;
  readonly data: T;
  readonly tid: string;
  readonly success: boolean;
}

/** The envelope of a success: code 0000 and the trace id of the request. */
export function success<T>(request: FastifyRequest, data: T): Envelope<T> {
  return { code: '0000', message: localised(request, 'success'), data, tid: request.id, success: true };
}

/** A sentence in the language the request asks for; `reason` stands in for `{reason}`. */
export function localised(request: FastifyRequest, key: LocaleKey, reason?: string): string {
  return translate(languageOf(request), key, reason);
}
