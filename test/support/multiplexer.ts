/** A multiplexer over a scripted transport, with sessions that record what they hear. */
import { SimulatedClock } from 'xstate';
import type { CallFailure, Lane, LaneSession, ReplySink } from '../../src/backends/backend.ts';
import type { MultiplexerLimits } from '../../src/backends/multiplexer/limits.ts';
import { Multiplexer } from '../../src/backends/multiplexer/multiplexer.ts';
import { readPlainRequest } from '../../src/backends/rpc/plain/read.ts';
import { readMessage } from '../../src/backends/rpc/text.ts';
import type { JsonObject } from '../../src/store/event-log.ts';
import { ScriptedTransport } from './scripted-transport.ts';

export interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A sink that keeps what it hears. */
export class RecordingSink implements ReplySink {
  readonly messages: Message[] = [];
  readonly outcomes: (Message | CallFailure)[] = [];
  readonly resultTexts: string[] = [];

  message(text: string): void {
    this.messages.push(JSON.parse(text));
  }

  result(text: string, failed = false): void {
    this.resultTexts.push(text);
    const message: Message = JSON.parse(text);
    const reason = `told wrongly that it ${failed ? 'failed' : 'did not fail'}`;
    const isRight = failed === (message.error !== undefined);
    this.outcomes.push(isRight ? message : { kind: 'closed', reason, delivered: true });
  }

  fail(failure: CallFailure): void {
    this.outcomes.push(failure);
  }
}

export class TestSession {
  readonly delivered: Message[] = [];
  listening = true;
  readonly lane: LaneSession;

  constructor(
    lane: Pick<Lane, 'open'>,
    readonly id: string,
    capabilities: JsonObject = {},
  ) {
    const deliver = (text: string) => {
      if (this.listening) this.delivered.push(JSON.parse(text));
      return this.listening;
    };
    this.lane = lane.open({ id, capabilities, deliver });
  }

  /** Sends a client's body as a front would. */
  say(body: object | string, sink: ReplySink = new RecordingSink()): void {
    const text = typeof body === 'string' ? body : JSON.stringify({ jsonrpc: '2.0', ...body });
    const message = readPlainRequest(Buffer.from(text)) ?? readMessage(text);
    if (message.kind === 'request') this.lane.request(message, sink);
    else if (message.kind === 'notification') this.lane.notify(message);
    else this.lane.respond(message);
  }

  call(id: string | number, method = 'tools/call', params: object = {}): RecordingSink {
    const sink = new RecordingSink();
    this.say({ id, method, params }, sink);
    return sink;
  }
}

export interface Rig {
  readonly transport: ScriptedTransport;
  readonly clock: SimulatedClock;
  readonly multiplexer: Multiplexer;
  readonly faults: unknown[];
  /** The backend says something. */
  readonly hear: (message: object) => void;
  readonly session: (id: string, capabilities?: JsonObject) => TestSession;
}

/** The backend says a line, as it comes through a pipe. */
export function hear(multiplexer: Multiplexer, line: string): void {
  if (!multiplexer.onBytes(Buffer.from(line))) multiplexer.onMessage(line);
}

/** `ownMeta`: of a lane of the modern era. */
export function multiplexerRig(limits: Partial<MultiplexerLimits> = {}, ownMeta?: JsonObject): Rig {
  const transport = new ScriptedTransport();
  const clock = new SimulatedClock();
  const faults: unknown[] = [];
  const onFault = (error: unknown) => faults.push(error);
  const multiplexer = new Multiplexer({
    transport,
    generation: 3,
    clock,
    onFault,
    limits,
    ...(ownMeta !== undefined && { ownMeta }),
  });
  return {
    transport,
    clock,
    multiplexer,
    faults,
    hear: message => hear(multiplexer, JSON.stringify({ jsonrpc: '2.0', ...message })),
    session: (id, capabilities) => new TestSession(multiplexer, id, capabilities),
  };
}
