/**
 * A lane without a backend: what reaches it is kept for the test to answer. It is as strict as the port: a call is
 * settled once, a closed session takes nothing more, a lost lane fails what is in flight.
 */
import type {
  CallFailure,
  Handshake,
  Lane,
  LaneSession,
  LossReason,
  ReplySink,
  SessionPort,
} from '../../src/backends/backend.ts';
import { ToolChanges, type ToolListener } from '../../src/backends/multiplexer/tool-changes.ts';
import type { RpcNotification, RpcRequest, RpcResponse } from '../../src/backends/rpc/json-rpc.ts';
import type { JsonObject } from '../../src/store/event-log.ts';
import { EventQueue } from './event-queue.ts';

const handshake: Handshake = {
  era: 'legacy',
  protocolVersion: '2025-11-25',
  capabilities: { tools: { listChanged: true }, logging: {} },
  serverInfo: { name: 'fake', version: '1.0.0' },
  instructions: 'Be kind.',
};

export class FakeCall {
  settled = false;

  constructor(
    readonly session: FakeLaneSession,
    readonly request: RpcRequest,
    readonly sink: ReplySink,
  ) {}

  /** The parameters as the client sent them. */
  params<T>(): T {
    const { params }: { readonly params: T } = JSON.parse(this.request.text);
    return params;
  }

  message(message: object): void {
    this.sink.message(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }

  result(result: object): void {
    this.#settle();
    this.sink.result(JSON.stringify({ jsonrpc: '2.0', id: this.request.id, result }));
  }

  error(code: number, message: string): void {
    this.#settle();
    const text = JSON.stringify({ jsonrpc: '2.0', id: this.request.id, error: { code, message } });
    this.sink.result(text, true);
  }

  fail(failure: CallFailure): void {
    this.#settle();
    this.sink.fail(failure);
  }

  #settle(): void {
    if (this.settled) throw new Error('a lane settles a call once');
    this.settled = true;
    this.session.calls.delete(this);
  }
}

export class FakeLaneSession implements LaneSession {
  readonly calls = new Set<FakeCall>();
  holds = 0;
  closed = false;

  constructor(
    readonly lane: FakeLane,
    readonly port: SessionPort,
  ) {}

  request(request: RpcRequest, sink: ReplySink): void {
    const call = new FakeCall(this, request, sink);
    if (this.closed) {
      call.fail({ kind: 'closed', reason: 'the session is closed', delivered: false });
    } else if (this.lane.isLost) {
      call.fail({ kind: 'lost', reason: 'the backend is gone', delivered: false });
    } else {
      this.calls.add(call);
      if (this.lane.answer === null) this.lane.calls.push(call);
      else this.lane.answer(call);
    }
  }

  notify(message: RpcNotification): void {
    if (!this.closed) this.lane.notifications.push(message);
  }

  respond(message: RpcResponse): void {
    if (!this.closed) this.lane.responses.push(message);
  }

  /** Only a modern front abandons calls. */
  abandon(id: string | number): void {
    for (const call of [...this.calls]) {
      if (call.request.id !== id) continue;
      call.settled = true;
      this.calls.delete(call);
      this.lane.abandoned.push(call);
    }
  }

  holdOpen(): () => void {
    this.holds++;
    this.lane.held.push(this);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.holds--;
      this.lane.releases.push(this);
    };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const call of [...this.calls]) {
      if (this.lane.failsOnClose) call.fail({ kind: 'closed', reason: 'the session ended', delivered: true });
      else call.settled = true;
    }
    this.calls.clear();
    this.lane.closures.push(this);
  }
}

export class FakeLane implements Lane {
  readonly handshake: Handshake;
  readonly generation: number;
  readonly spawned = null;
  readonly lastSignOfLifeAt = 0;
  readonly lastUsedAt = 0;
  /** What changes of the list of tools the backend makes known. */
  readonly toolChanges = new ToolChanges();
  readonly stderrTail: readonly string[] = [];
  readonly lost: Promise<LossReason>;
  /** Every session ever opened here, oldest first. */
  readonly sessions: FakeLaneSession[] = [];
  /** Calls, messages and ends of sessions, as they come. */
  readonly calls = new EventQueue<FakeCall>();
  readonly abandoned = new EventQueue<FakeCall>();
  readonly notifications = new EventQueue<RpcNotification>();
  readonly responses = new EventQueue<RpcResponse>();
  readonly closures = new EventQueue<FakeLaneSession>();
  readonly held = new EventQueue<FakeLaneSession>();
  readonly releases = new EventQueue<FakeLaneSession>();
  /** Answers calls at once; null: the test does, by `calls`. */
  answer: ((call: FakeCall) => void) | null = null;
  /** What `LaneSession.close` does to calls in flight: fail them, or let them lapse. */
  failsOnClose = true;
  isLost = false;
  /** What the gateway asked on its own behalf. */
  readonly questions: { readonly method: string; readonly params: JsonObject }[] = [];
  answerTo: (params: JsonObject) => unknown = () => ({});
  #lose: (reason: LossReason) => void = () => undefined;

  constructor(options: { generation?: number; handshake?: Partial<Handshake> } = {}) {
    this.generation = options.generation ?? 1;
    this.handshake = { ...handshake, ...options.handshake };
    this.lost = new Promise(resolve => {
      this.#lose = resolve;
    });
  }

  get inFlight(): number {
    return this.sessions.reduce((sum, session) => sum + session.calls.size, 0);
  }

  get openSessions(): number {
    return this.sessions.filter(({ closed }) => !closed).length;
  }

  get load(): number {
    return this.sessions.reduce((sum, session) => sum + session.calls.size + session.holds, 0);
  }

  get toolListRevision(): number {
    return this.toolChanges.revision;
  }

  onToolsChanged(listener: ToolListener): () => void {
    return this.toolChanges.listen(listener);
  }

  open(port: SessionPort): LaneSession {
    const session = new FakeLaneSession(this, port);
    this.sessions.push(session);
    return session;
  }

  /** The backend dies: what is in flight fails. */
  lose(message = 'exited with code 1'): void {
    this.isLost = true;
    for (const session of this.sessions) {
      for (const call of [...session.calls]) call.fail({ kind: 'lost', reason: message, delivered: true });
    }
    this.#lose({ message, exitCode: 1, signal: null });
  }

  async probe(): Promise<void> {}

  async ask(method: string, params: JsonObject = {}): Promise<{ result?: unknown }> {
    this.questions.push({ method, params });
    return { result: this.answerTo(params) };
  }

  async close(): Promise<void> {
    this.lose('closed');
  }
}
