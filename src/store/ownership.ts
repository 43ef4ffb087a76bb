/**
 * Which gateway may act for a service. With one process and an embedded log the answer is always "this
 * one"; the port exists so that several gateways can later share one log.
 */
export interface Ownership {
  /** Claims a service for `owner`; false when another owner holds it. Claiming twice is fine. */
  claim(id: string, owner: string): boolean;
  /** Prolongs a claim; false when it was lost meanwhile. */
  renew(id: string, owner: string): boolean;
  /** Gives a claim up; nothing happens when `owner` does not hold it. */
  release(id: string, owner: string): void;
  ownerOf(id: string): string | undefined;
}
