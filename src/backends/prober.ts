/** Asks a backend for a sign of life. */
import { AskFailure } from './ask.ts';
import type { Handshake } from './backend.ts';
import type { Multiplexer } from './multiplexer/multiplexer.ts';

/**
 * Normally by `ping`, in the modern era by `server/discover`. Some backends never answer ping though they answer calls. As long as this one has never answered
 * one, a probe that got no answer in half its time asks for a list, as a client would. If that is answered, an error
 * included, or if anything else arrived meanwhile, the backend lives, and the lane is latched: from then on it is judged
 * by its answers to such requests and by what else it sends, not by ping.
 */
export class Prober {
  readonly #multiplexer: Multiplexer;
  readonly #ping: string;
  readonly #list: string;
  readonly #probed: (answered: boolean) => void;
  #running: Promise<void> | null = null;
  #pingAnswered = false;
  #latched = false;
  /** What a remote refused the last question with; null when it did not. */
  #refusal: string | null = null;

  /** @param probed hears of each probe whether there was a sign of life */
  constructor(
    multiplexer: Multiplexer,
    { era, capabilities }: Pick<Handshake, 'era' | 'capabilities'>,
    probed: (answered: boolean) => void = () => {},
  ) {
    this.#multiplexer = multiplexer;
    this.#probed = probed;
    this.#ping = era === 'modern' ? 'server/discover' : 'ping';
    const kind = ['tools', 'resources', 'prompts'].find(name => Object.hasOwn(capabilities, name));
    this.#list = `${kind ?? 'tools'}/list`;
  }

  /** Those who ask while a probe is under way share it, and its time limit. @throws {Error} silence or loss */
  probe(timeoutMs: number): Promise<void> {
    this.#running ??= this.#run(timeoutMs).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(timeoutMs: number): Promise<void> {
    let answered = false;
    try {
      await this.#look(timeoutMs);
      answered = true;
    } finally {
      this.#probed(answered);
    }
  }

  async #look(timeoutMs: number): Promise<void> {
    const before = this.#multiplexer.messages;
    this.#refusal = null;
    if (await this.#answers(timeoutMs)) return;
    if (this.#multiplexer.messages === before)
      throw new Error(this.#refusal ?? `the backend gave no sign of life for ${timeoutMs} ms`);
    this.#latched ||= !this.#pingAnswered;
  }

  async #answers(timeoutMs: number): Promise<boolean> {
    if (this.#latched) return this.#answered(this.#list, timeoutMs);
    if (this.#pingAnswered) return this.#answered(this.#ping, timeoutMs);
    const halfMs = Math.ceil(timeoutMs / 2);
    this.#pingAnswered = await this.#answered(this.#ping, halfMs);
    if (this.#pingAnswered) return true;
    this.#latched = await this.#answered(this.#list, halfMs);
    return this.#latched;
  }

  async #answered(method: string, timeoutMs: number): Promise<boolean> {
    try {
      await this.#multiplexer.ask(method, {}, timeoutMs);
      return true;
    } catch (error) {
      if (!(error instanceof AskFailure) || error.failure.kind === 'lost') throw error;
      if (error.failure.kind === 'refused') this.#refusal = error.failure.reason;
      return false;
    }
  }
}
