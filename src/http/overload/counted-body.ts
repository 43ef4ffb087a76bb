/** A large body on its way in, whose bytes are counted as they come: what a client says of its length is only its word. */
import { Transform, type TransformCallback } from 'node:stream';
import { type BodyBudget, SMALL_BODY_BYTES } from './body-budget.ts';

export class CountedBody extends Transform {
  readonly #budget: BodyBudget;
  readonly #tooMuch: () => Error;
  #received = 0;
  #taken = 0;

  /** @param tooMuch makes the error that the body ends with when there is no memory for it */
  constructor(budget: BodyBudget, tooMuch: () => Error) {
    super();
    this.#budget = budget;
    this.#tooMuch = tooMuch;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#received += chunk.length;
    if (this.#hasRoom()) done(null, chunk);
    else done(this.#tooMuch());
  }

  #hasRoom(): boolean {
    if (this.#received <= SMALL_BODY_BYTES) return true;
    if (!this.#budget.take(this.#received - this.#taken, this.#taken)) return false;
    this.#taken = this.#received;
    return true;
  }

  /** Gives back what it has taken, once. */
  giveBack(): void {
    this.#budget.giveBack(this.#taken);
    this.#taken = 0;
  }
}
