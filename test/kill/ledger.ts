/** The calls clients made, and what became of each as they were told. */

/** `answered`: a result, or an error of the backend's own; the others are what the gateway's error says. */
export type Outcome = 'answered' | 'not delivered' | 'unknown';

/** A call whose stream broke off: its session can ask for the rest. */
export interface CutStream {
  readonly sessionId: string;
  readonly service: string;
  readonly rpcId: string;
  readonly token: string;
  readonly lastEventId: string;
}

export class Ledger {
  readonly outcomes = new Map<string, Outcome>();
  readonly cut: CutStream[] = [];
  #last = 0;

  /** A call is about to be made; it counts as `unknown` until its outcome is noted. */
  begin(): string {
    const token = `call-${++this.#last}`;
    this.outcomes.set(token, 'unknown');
    return token;
  }

  note(token: string, outcome: Outcome): void {
    this.outcomes.set(token, outcome);
  }

  /** What contradicts how often the backends saw each token (invariant 3). */
  compare(seen: ReadonlyMap<string, number>): string[] {
    const wrong: string[] = [];
    for (const [token, count] of seen) {
      if (count > 1) wrong.push(`invariant 3: ${token} was executed ${count} times`);
      if (!this.outcomes.has(token)) wrong.push(`invariant 3: nobody made ${token}`);
    }
    for (const [token, outcome] of this.outcomes) {
      const count = seen.get(token) ?? 0;
      if (outcome === 'answered' && count === 0)
        wrong.push(`invariant 3: ${token} was answered, but never executed`);
      if (outcome === 'not delivered' && count > 0)
        wrong.push(`invariant 3: ${token} is said not to have been delivered, but was executed`);
    }
    return wrong;
  }
}
