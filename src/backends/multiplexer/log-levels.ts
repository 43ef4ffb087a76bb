/** `logging/setLevel`: the backend gets the most verbose level of all sessions, each session what it asked for. */
import type { ReplySink } from '../backend.ts';
import { errorText, INVALID_PARAMS, resultText } from '../rpc/build.ts';
import type { RpcRequest } from '../rpc/json-rpc.ts';
import { type LocatedText, valueAt } from '../rpc/places.ts';
import { type Calls, NOBODY } from './calls.ts';
import type { Peer } from './peers.ts';

/** From the most to the least verbose (RFC 5424, as MCP's logging page lists them). */
const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

export class LogLevels {
  /** Indexes into LEVELS; a session that never set one is not in it. */
  readonly #byPeer = new Map<Peer, number>();
  readonly #calls: Calls;
  /** What the backend was told last; null when that is not known. */
  #told: number | null = null;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  set(peer: Peer, message: RpcRequest, located: LocatedText, sink: ReplySink): void {
    const level = levelIndex(valueAt(located.text, located.level));
    if (level === -1) {
      const fault = `"params.level" must be one of ${LEVELS.join(', ')}`;
      sink.result(errorText(message.id, INVALID_PARAMS, fault), true);
      return;
    }
    const previous = this.#byPeer.get(peer);
    this.#byPeer.set(peer, level);
    const wanted = Math.min(...this.#byPeer.values());
    if (wanted === this.#told) {
      sink.result(resultText(message.id));
      return;
    }
    this.#told = wanted;
    const edit = [located.level, JSON.stringify(LEVELS[wanted])] as const;
    const ended = (ending: string) => {
      if (ending !== 'answered') this.#restore(peer, level, previous);
    };
    this.#calls.begin(peer, message, located, sink, ended, edit);
  }

  /** The backend has forgotten its level: it is told again. */
  renew(): void {
    const level = this.#told === null ? undefined : LEVELS[this.#told];
    if (level !== undefined) this.#calls.beginOwn('logging/setLevel', { level }, NOBODY);
  }

  /** Whether a session wants a log message of this level; it wants all as long as it never said. */
  admits(peer: Peer, level: unknown): boolean {
    const least = this.#byPeer.get(peer);
    return least === undefined || levelIndex(level) >= least;
  }

  /** The backend is left as verbose as it is: the next session to set a level corrects that. */
  closePeer(peer: Peer): void {
    this.#byPeer.delete(peer);
  }

  #restore(peer: Peer, refused: number, previous: number | undefined): void {
    this.#told = null;
    if (this.#byPeer.get(peer) !== refused) return;
    if (previous === undefined) this.#byPeer.delete(peer);
    else this.#byPeer.set(peer, previous);
  }
}

/** The place of a level in the order of severity; −1: it is none. */
export function levelIndex(level: unknown): number {
  return typeof level === 'string' ? LEVELS.indexOf(level) : -1;
}
