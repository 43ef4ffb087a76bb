/** Whether an answer is one that the contract has (contract §1). */
import type { Plan } from './requests.ts';
import type { Answer } from './send.ts';

/** The only codes with a status from 500 on. */
const SERVER_CODES: Readonly<Record<string, number>> = {
  '0003': 503,
  '0004': 503,
  '0005': 502,
  '0009': 503,
  '0014': 504,
};
const MAX_SHOWN = 300;

/** What is wrong with the answer; null: nothing. */
export function faultOf({ method }: Plan, { status, headers, body, streamed }: Answer): string | null {
  const shown = `${status} ${body.slice(0, MAX_SHOWN)}`;
  if (headers['x-request-id'] === undefined) return `without x-request-id: ${shown}`;
  if (status < 400 || streamed || method === 'HEAD') return status >= 500 ? `HEAD: ${shown}` : null;
  const refusal = parse(body);
  if (refusal === null) return `a refusal that is no JSON object: ${shown}`;
  const { code, message, tid, success, jsonrpc, error } = refusal;
  const isEnvelope = /^\d{4}$/.test(String(code)) && typeof message === 'string' && success === false;
  const isRpc = jsonrpc === '2.0' && typeof error === 'object' && error !== null;
  if (!isEnvelope && !isRpc) return `a refusal without a code: ${shown}`;
  if (isEnvelope && tid !== headers['x-request-id']) return `tid is not x-request-id: ${shown}`;
  if (status >= 500 && SERVER_CODES[String(code)] !== status) return `a fault of the gateway: ${shown}`;
  return null;
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
