/**
 * How many wrong tokens an address may present. Past that its tokens are not looked at for a while, so that guessing does not
 * pay, but for those of principals that have been good there before: whoever shares the address of a guesser, behind a proxy,
 * is not shut out by it.
 */
import { isIPv6 } from 'node:net';
import { RateLimit } from '../overload/rate-limit.ts';

export interface WrongTokenSettings {
  /** Wrong tokens a minute that an address may present; 0: any number. */
  readonly wrongTokensPerMinute: number;
  /** Addresses of which that is remembered; past it whichever came first is forgotten. */
  readonly wrongTokenAddresses: number;
}

/** Principals that are known at one address, at most. */
const MAX_KNOWN = 256;

export class WrongTokens {
  readonly #limit: RateLimit | null;
  readonly #maxAddresses: number;
  /** Ids of principals that have been good, by address. */
  readonly #known = new Map<string, Set<string>>();

  constructor({ wrongTokensPerMinute, wrongTokenAddresses }: WrongTokenSettings) {
    this.#maxAddresses = wrongTokenAddresses;
    this.#limit =
      wrongTokensPerMinute === 0
        ? null
        : new RateLimit({
            rateLimitPerSecond: wrongTokensPerMinute / 60,
            rateLimitBurst: wrongTokensPerMinute,
            rateLimitPrincipals: wrongTokenAddresses,
          });
  }

  /** Addresses that are remembered. */
  get size(): number {
    return Math.max(this.#known.size, this.#limit?.size ?? 0);
  }

  /** No wrong token is remembered: nobody has to wait. */
  get isQuiet(): boolean {
    return this.#limit === null || this.#limit.size === 0;
  }

  /** 0, or the time in ms until tokens from there are looked at again. */
  waitMs(address: string, now: number): number {
    if (this.#limit === null) return 0;
    return this.#limit.waitMs(placeOf(address), now);
  }

  /** A token was presented that is nobody's. */
  wrong(address: string, now: number): void {
    this.#limit?.take(placeOf(address), now);
  }

  /** A token was presented that is this principal's. */
  right(address: string, principalId: string): void {
    if (this.#limit === null) return;
    const known = this.#known.get(address) ?? this.#open(address);
    if (known.has(principalId)) return;
    if (known.size >= MAX_KNOWN) forgetFirst(known);
    known.add(principalId);
  }

  isKnown(address: string, principalId: string): boolean {
    return this.#known.get(address)?.has(principalId) === true;
  }

  #open(address: string): Set<string> {
    if (this.#known.size >= this.#maxAddresses) forgetFirst(this.#known);
    const known = new Set<string>();
    this.#known.set(address, known);
    return known;
  }
}

function forgetFirst(book: Map<string, unknown> | Set<string>): void {
  for (const first of book.keys()) {
    book.delete(first);
    return;
  }
}

/** Whoever has one address of IPv6 has all of its network of 64 bits. */
function placeOf(address: string): string {
  if (!isIPv6(address) || address.toLowerCase().startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - groups.length - after.length)).fill('0');
  return `${[...groups, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
