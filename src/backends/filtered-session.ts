/** A session of a service with a tool filter: it sees and calls allowed tools only, in both eras. */
import type { LaneSession, ReplySink } from './backend.ts';
import { errorText, INVALID_PARAMS } from './rpc/build.ts';
import type { RpcId, RpcNotification, RpcRequest, RpcResponse } from './rpc/json-rpc.ts';
import { locate, readErrorCode, valueAt } from './rpc/places.ts';
import { filterToolList, type ToolFilter } from './tool-filter.ts';

/** Longest part of an unknown tool's name that is quoted, in characters. */
const LONGEST_QUOTE = 128;

export class FilteredSession implements LaneSession {
  readonly #session: LaneSession;
  readonly #filter: ToolFilter;

  constructor(session: LaneSession, filter: ToolFilter) {
    this.#session = session;
    this.#filter = filter;
  }

  request(message: RpcRequest, sink: ReplySink): void {
    if (message.method === 'tools/call') this.#call(message, sink);
    else if (message.method === 'tools/list')
      this.#session.request(message, this.#filtering(message.id, sink));
    else this.#session.request(message, sink);
  }

  notify(message: RpcNotification): void {
    this.#session.notify(message);
  }

  respond(message: RpcResponse): void {
    this.#session.respond(message);
  }

  abandon(id: RpcId): void {
    this.#session.abandon(id);
  }

  holdOpen(): () => void {
    return this.#session.holdOpen();
  }

  close(): void {
    this.#session.close();
  }

  /** A tool that is not allowed is refused as one that does not exist ("Error Handling" of tools, all revisions). */
  #call(message: RpcRequest, sink: ReplySink): void {
    const located = locate(message.text);
    const name = located === null ? undefined : valueAt(located.text, located.name);
    // The text in which the name was found is the one that goes on; one that was not parsed can be read in one way only.
    if (located !== null && this.#filter.allows(name)) {
      this.#session.request(message.plain === undefined ? { ...message, text: located.text } : message, sink);
    } else sink.result(errorText(message.id, INVALID_PARAMS, refusalOf(name)), true);
  }

  #filtering(id: RpcId, sink: ReplySink): ReplySink {
    return {
      message: text => sink.message(text),
      result: text => {
        const filtered = filterToolList(this.#filter, id, text);
        sink.result(filtered, readErrorCode(filtered) !== null);
      },
      fail: failure => sink.fail(failure),
    };
  }
}

function refusalOf(name: unknown): string {
  return typeof name === 'string'
    ? `Unknown tool: ${name.slice(0, LONGEST_QUOTE)}`
    : 'params.name must be the name of a tool';
}
