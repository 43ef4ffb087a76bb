/**
 * One client on stdio, one remote MCP server behind it. Messages pass as they are, ids included: there is nobody else to
 * tell them apart from. Every request gets one outcome (invariant 3): its answer, or an error whose `data.delivered` says
 * whether the server may have acted on it. The link mends itself; what may have been delivered is never sent again.
 */
import type { CallFailure } from '../../backends/backend.ts';
import { describeOutgoing } from '../../backends/remote/outgoing.ts';
import { errorText, INVALID_PARAMS } from '../../backends/rpc/build.ts';
import type { RpcId, RpcRequest } from '../../backends/rpc/json-rpc.ts';
import { locate, valueAt } from '../../backends/rpc/places.ts';
import { NotJsonRpc, parseMessage, readMessage } from '../../backends/rpc/text.ts';
import { filterToolList, type ToolFilter } from '../../backends/tool-filter.ts';
import type { RemoteLink } from './remote-link.ts';

/** Requests without an answer yet; a client with more of them is out of its mind. */
const MAX_CALLS = 10_000;

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
/** Of contract §1: broke while in flight; over capacity. */
const LOST = -32015;
const OVER_CAPACITY = -32019;

export interface BridgeOptions {
  readonly link: RemoteLink;
  /** null: every tool may be seen and called. */
  readonly filter: ToolFilter | null;
  /** Writes one message to the client, without its line break. */
  write(text: string): void;
}

export class StdioBridge {
  readonly #options: BridgeOptions;
  /** What the client waits for: the method by request id. */
  readonly #calls = new Map<RpcId, string>();
  #onQuiet: (() => void) | null = null;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** Takes one line of the client's. */
  fromClient(line: string): void {
    try {
      const message = readMessage(line);
      if (message.kind === 'request') this.#request(message);
      else {
        this.#options.link.send(message.text);
        // No answer is owed to what the client took back, and an honest server sends none.
        const cancels = message.kind === 'notification' ? describeOutgoing(message.text).cancels : null;
        if (cancels !== null) this.#forget(cancels);
      }
    } catch (error) {
      if (!(error instanceof NotJsonRpc)) throw error;
      const code = error.parse ? PARSE_ERROR : INVALID_REQUEST;
      this.#options.write(
        JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message: error.reason } }),
      );
    }
  }

  /** Takes one message of the server's; what is none is dropped, as on any MCP connection. */
  fromServer(text: string): void {
    const parsed = parsedOrNull(text);
    if (parsed === null) return;
    if (parsed.kind !== 'response') {
      this.#options.write(parsed.text);
      return;
    }
    const method = this.#calls.get(parsed.id);
    if (method === undefined) return; // answered already, or never asked
    const { filter } = this.#options;
    const isFiltered = method === 'tools/list' && filter !== null;
    this.#answer(parsed.id, isFiltered ? filterToolList(filter, parsed.id, parsed.text) : parsed.text);
  }

  /** One request failed; null: a message without an answer did, which nobody waits for. */
  failed(id: RpcId | null, { reason, delivered }: CallFailure): void {
    if (id === null || !this.#calls.has(id)) return;
    const error = { code: LOST, message: reason, data: { delivered } };
    this.#answer(id, JSON.stringify({ jsonrpc: '2.0', id, error }));
  }

  /** The link broke: what is under way may have been acted on. */
  lost(reason: string): void {
    for (const id of [...this.#calls.keys()]) this.failed(id, { kind: 'lost', reason, delivered: true });
  }

  /** Resolves when the client waits for nothing. */
  quiet(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise(resolve => {
      this.#onQuiet = resolve;
    });
  }

  #request(message: RpcRequest): void {
    const { id, method } = message;
    if (this.#calls.has(id)) {
      this.#options.write(
        errorText(id, INVALID_REQUEST, 'a request with this id is under way; take another id'),
      );
    } else if (this.#calls.size >= MAX_CALLS) {
      this.#options.write(errorText(id, OVER_CAPACITY, `more than ${MAX_CALLS} requests are under way`));
    } else if (method === 'tools/call') this.#callTool(message);
    else this.#forward(message, message.text);
  }

  /** A tool that is not allowed is refused as one that does not exist ("Error Handling" of tools). */
  #callTool(message: RpcRequest): void {
    const { filter } = this.#options;
    const located = locate(message.text);
    const name = located === null ? undefined : valueAt(located.text, located.name);
    // The text in which the name was found is the one that goes on.
    if (filter === null) this.#forward(message, message.text);
    else if (located !== null && filter.allows(name)) this.#forward(message, located.text);
    else
      this.#options.write(
        errorText(message.id, INVALID_PARAMS, `Unknown tool: ${String(name).slice(0, 128)}`),
      );
  }

  #forward({ id, method }: RpcRequest, text: string): void {
    this.#calls.set(id, method);
    this.#options.link.send(text);
  }

  #answer(id: RpcId, text: string): void {
    this.#options.write(text);
    this.#forget(id);
  }

  #forget(id: RpcId): void {
    this.#calls.delete(id);
    if (this.#calls.size === 0) this.#onQuiet?.();
  }
}

function parsedOrNull(text: string) {
  try {
    return parseMessage(text).message;
  } catch (error) {
    if (error instanceof NotJsonRpc) return null;
    throw error;
  }
}
