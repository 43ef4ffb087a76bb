/** Every way Evergate says no, as one value (contract §1). HTTP status and wording are looked up from `code`. */
import type { Era } from '../backends/backend.ts';

export type RefusalCode =
  | '0001'
  | '0002'
  | '0003'
  | '0004'
  | '0005'
  | '0006'
  | '0007'
  | '0008'
  | '0009'
  | '0010'
  | '0011'
  | '0012'
  | '0013'
  | '0014';

export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: RefusalCode,
    /** What happened and what to do, in English and without secrets; put into the localised message. */
    readonly reason: string,
    /** Milliseconds after which trying again can help; null when it cannot. */
    readonly retryAfterMs: number | null = null,
    /** The era this backend does not speak, so that a front can answer as that era prescribes; null: refused otherwise. */
    readonly unspoken: Era | null = null,
  ) {
    super(`${code}: ${reason}`);
  }
}

/** 0001 for an id that nobody registered. */
export function noSuchService(id: string): Refusal {
  return new Refusal(
    '0001',
    `no service ${JSON.stringify(id)}; send its config with x-mcp-json to start one`,
  );
}
