/** The form of an answer, by `Accept`. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../../../actors/refusal.ts';
import { negotiateType } from '../../../accept.ts';
import { variants } from '../../../errors.ts';
import { sendRefusal } from '../../../refuse.ts';

/** The form the client likes best; null when it takes none of them: it has been answered 406 then. */
export function negotiateForm<const T extends string>(
  request: FastifyRequest,
  reply: FastifyReply,
  forms: readonly T[],
): T | null {
  reply.header('vary', 'accept');
  const form = negotiateType(request.headers.accept, forms);
  if (form === null) {
    const refusal = new Refusal('0011', `Accept names none of ${forms.join(', ')}`);
    sendRefusal(request, reply, refusal, variants.notAcceptable);
  }
  return form;
}
