/** How many requests each principal may make: a bucket of tokens each, filled steadily, emptied by requests. */

interface Bucket {
  tokens: number;
  /** Monotonic time in ms at which `tokens` was right. */
  at: number;
}

export interface RateLimitSettings {
  /** Requests a second that a principal may make in the long run; 0: any number. */
  readonly rateLimitPerSecond: number;
  /** Requests it may make at once after a pause. */
  readonly rateLimitBurst: number;
  /** Principals whose use is remembered; past it whoever was seen first is forgotten. */
  readonly rateLimitPrincipals: number;
}

export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #maxPrincipals: number;
  /** Whoever came first is first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor({ rateLimitPerSecond, rateLimitBurst, rateLimitPrincipals }: RateLimitSettings) {
    this.#perMs = rateLimitPerSecond / 1000;
    this.#burst = rateLimitBurst;
    this.#maxPrincipals = rateLimitPrincipals;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one request of a principal. @returns 0, or the time in ms after which one more is taken */
  take(principal: string, now: number): number {
    const bucket = this.#buckets.get(principal) ?? this.#open(principal, now);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.at) * this.#perMs);
    bucket.at = now;
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.#perMs;
    bucket.tokens--;
    return 0;
  }

  /** @returns 0 if one more would be taken now, else the time in ms after which it would */
  waitMs(principal: string, now: number): number {
    const bucket = this.#buckets.get(principal);
    if (bucket === undefined) return 0;
    const tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.at) * this.#perMs);
    return tokens < 1 ? (1 - tokens) / this.#perMs : 0;
  }

  #open(principal: string, now: number): Bucket {
    if (this.#buckets.size >= this.#maxPrincipals) {
      for (const first of this.#buckets.keys()) {
        this.#buckets.delete(first);
        break;
      }
    }
    const bucket = { tokens: this.#burst, at: now };
    this.#buckets.set(principal, bucket);
    return bucket;
  }
}
