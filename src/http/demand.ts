/** What a data request brings along besides its body: a config, a type, how long it may be held (contract §3, §5). */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../actors/refusal.ts';
import type { Demand, StartOrder } from '../actors/services.ts';
import { hangUpSignal } from './hang-up.ts';
import { readWaitMs } from './prefer.ts';
import { readConfig, readServiceType } from './start-order.ts';

/**
 * Reads `x-mcp-json`, `x-mcp-type` and `Prefer: wait=<s>`.
 * @throws {Refusal} 0011, naming the header
 */
export function readDemand(request: FastifyRequest): Demand {
  return new HeaderDemand(request, readOrder(request), readWaitMs(request.headers.prefer));
}

/** Makes its signal only when asked: a request to a service that serves never waits for anything. */
class HeaderDemand implements Demand {
  readonly order: StartOrder | null;
  readonly waitMs: number | null;
  readonly #request: FastifyRequest;
  #signal: AbortSignal | undefined;

  constructor(request: FastifyRequest, order: StartOrder | null, waitMs: number | null) {
    this.#request = request;
    this.order = order;
    this.waitMs = waitMs;
  }

  get signal(): AbortSignal {
    this.#signal ??= hangUpSignal(this.#request);
    return this.#signal;
  }
}

function readOrder({ headers, server }: FastifyRequest): StartOrder | null {
  const encoded = headers['x-mcp-json'];
  const typeText = headers['x-mcp-type'];
  if (encoded === undefined && typeText === undefined) return null;
  const type = readServiceType(String(typeText ?? ''), 'x-mcp-type');
  if (encoded === undefined) return null;
  const json = decodeBase64(String(encoded));
  return { config: readConfig(json, 'x-mcp-json', server.gateway.maxConfigBytes), type };
}

/** Base64 or base64url, padded or not, of UTF-8 text. */
function decodeBase64(encoded: string): string {
  const text = encoded.trim();
  if (text === '' || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) {
    throw new Refusal('0011', 'x-mcp-json is not base64; send the base64 of the service config JSON');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'));
  } catch {
    throw new Refusal(
      '0011',
      'x-mcp-json is not the base64 of UTF-8 text; send the base64 of the service config JSON',
    );
  }
}
