/** One client: does deed after deed, and writes down what it was told. */

import { configHeader } from '../support/http-client.ts';
import { HttpSseClient, initialize, request } from '../support/mcp-client.ts';
import { modernHeaders, modernRequest } from '../support/modern.ts';
import type { Deed } from './deeds.ts';
import type { Expectations } from './expectations.ts';
import { configOf, type Kind } from './kinds.ts';
import type { Ledger } from './ledger.ts';
import { hear, judge } from './outcome.ts';
import type { KnownSession, SessionBook } from './session-book.ts';

/** What the clients of one data directory know together. */
export interface Knowledge {
  readonly expectations: Expectations;
  readonly sessions: SessionBook;
  readonly ledger: Ledger;
  readonly journal: string;
  /** A version no config has had. */
  newVersion(): number;
}

interface Reply {
  readonly code?: string;
  readonly data?: { readonly mcp_id?: string } | null;
}

const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
/** Nobody waits longer than that for a start. */
const PATIENCE = { prefer: 'wait=2' };
const APART = { elicitation: {} };

export class Client {
  readonly #url: string;
  readonly #knowledge: Knowledge;
  readonly #own: readonly string[];
  readonly #all: readonly string[];
  #sessions: KnownSession[];

  /** @param own the services no other client registers or removes @param all the services of all clients */
  constructor(url: string, knowledge: Knowledge, own: readonly string[], all: readonly string[]) {
    this.#url = url;
    this.#knowledge = knowledge;
    this.#own = own;
    this.#all = all;
    this.#sessions = knowledge.sessions.all.filter(({ state }) => state === 'open');
  }

  /** @throws {TypeError} the gateway is gone @throws {Error} it answered as it must not */
  async act(deed: Deed): Promise<void> {
    switch (deed.do) {
      case 'ensure':
        return this.#ensure(pick(this.#own, deed.own), deed);
      case 'order':
        return this.#order(pick(this.#own, deed.own), deed);
      case 'add':
        return this.#add(deed);
      case 'remove':
        return this.#remove(pick(this.#own, deed.own));
      case 'stop':
      case 'restart':
        await this.#command(`/api/v1/services/${pick(this.#own, deed.own)}/${deed.do}`, {});
        return;
      case 'open':
        await this.#open(pick(this.#all, deed.any), deed.apart ? APART : {}, PATIENCE);
        return;
      case 'sse call':
        return this.#sseCall(pick(this.#all, deed.any));
      case 'modern call':
        return this.#modernCall(pick(this.#all, deed.any));
      default:
        return this.#inSession(deed);
    }
  }

  async #ensure(id: string, { kind, type }: { kind: Kind; type: 'Persistent' | 'OneShot' }): Promise<void> {
    const { expectations, journal, newVersion } = this.#knowledge;
    const version = newVersion();
    const acknowledge = expectations.ask(id, { type, version });
    const mcpJsonConfig = configOf(kind, journal, id, version);
    const { code } = await this.#command('/mcp/stream/check_status', {
      mcpId: id,
      mcpJsonConfig,
      mcpType: type,
    });
    if (code === '0000') acknowledge();
  }

  /** A session that brings its config along. */
  async #order(id: string, { kind, type }: { kind: Kind; type: 'Persistent' | 'OneShot' }): Promise<void> {
    const { expectations, journal, newVersion } = this.#knowledge;
    const version = newVersion();
    const acknowledge = expectations.ask(id, { type, version });
    const header = configHeader(configOf(kind, journal, id, version));
    const opened = await this.#open(id, {}, { ...PATIENCE, 'x-mcp-json': header, 'x-mcp-type': type });
    if (opened) acknowledge();
  }

  async #add({ kind, type }: { kind: Kind; type: 'Persistent' | 'OneShot' }): Promise<void> {
    const { expectations, journal, newVersion } = this.#knowledge;
    const version = newVersion();
    const settle = expectations.askNameless(type, version);
    const config = configOf(kind, journal, `added ${version}`, version);
    const { code, data } = await this.#command('/mcp/sse/add', { mcp_json_config: config, mcp_type: type });
    if (code === '0000') settle(data?.mcp_id ?? '');
    else if (code === '0005') settle(null);
  }

  async #remove(id: string): Promise<void> {
    const { expectations, sessions } = this.#knowledge;
    const acknowledge = expectations.ask(id, null);
    const ended = sessions.remove(id);
    const response = await fetch(`${this.#url}/mcp/config/delete/${id}`, { method: 'DELETE' });
    const { code } = (await response.json()) as Reply;
    if (code !== '0000') return;
    acknowledge();
    ended();
  }

  async #open(id: string, capabilities: object, headers: Record<string, string>): Promise<boolean> {
    const opened = this.#knowledge.sessions.open(id);
    const response = await this.#post(`/mcp/stream/proxy/${id}`, initialize(capabilities), headers);
    await response.text();
    const session = response.headers.get('mcp-session-id');
    if (session === null) return false;
    this.#sessions.push(opened(session));
    return true;
  }

  async #inSession(deed: Extract<Deed, { do: 'call' | 'crash' | 'close' }>): Promise<void> {
    this.#sessions = this.#sessions.filter(({ state }) => state === 'open');
    if (this.#sessions.length === 0)
      return this.#open(pick(this.#all, deed.which), {}, PATIENCE).then(() => {});
    const session = pick(this.#sessions, deed.which);
    if (deed.do === 'call') await this.#call(session, deed.ms);
    else if (deed.do === 'crash') await this.#crash(session);
    else await this.#close(session);
  }

  async #call({ id, service }: KnownSession, ms: number): Promise<void> {
    const { ledger } = this.#knowledge;
    const token = ledger.begin();
    const headers = { ...PATIENCE, 'mcp-session-id': id };
    const response = await this.#post(`/mcp/stream/proxy/${service}`, mark(token, ms), headers);
    const { outcome, lastEventId, cut } = await hear(response, token, token);
    ledger.note(token, outcome);
    if (cut && lastEventId !== null)
      ledger.cut.push({ sessionId: id, service, rpcId: token, token, lastEventId });
  }

  async #crash({ id, service }: KnownSession): Promise<void> {
    const call = request('crash', 'tools/call', { name: 'crash', arguments: {} });
    const headers = { ...PATIENCE, 'mcp-session-id': id };
    await (await this.#post(`/mcp/stream/proxy/${service}`, call, headers)).text();
  }

  async #close(session: KnownSession): Promise<void> {
    const acknowledge = this.#knowledge.sessions.end(session);
    const headers = { 'mcp-session-id': session.id };
    const url = `${this.#url}/mcp/stream/proxy/${session.service}`;
    const response = await fetch(url, { method: 'DELETE', headers });
    await response.text();
    if (response.status === 200) acknowledge();
  }

  async #sseCall(id: string): Promise<void> {
    const { ledger } = this.#knowledge;
    const path = `/mcp/sse/proxy/${id}/sse`;
    const knock = await fetch(this.#url + path, { headers: { accept: 'text/event-stream', ...PATIENCE } });
    if (knock.status !== 200) return void (await knock.text());
    const client = await HttpSseClient.over(this.#url, knock);
    const opened = await client.post(initialize());
    await opened.text();
    // Its service may have been removed in the moment between: then the session is over, and its stream has ended.
    if (opened.status !== 202) return client.stream.cancel();
    await client.stream.message();
    const token = ledger.begin();
    const accepted = await client.post(mark(token, 0));
    if (accepted.status === 202) {
      await accepted.text();
      ledger.note(token, judge(await client.stream.message(), token, token));
    } else ledger.note(token, judge((await accepted.json()) as object, token, token));
    await client.stream.cancel();
  }

  async #modernCall(id: string): Promise<void> {
    const { ledger } = this.#knowledge;
    const token = ledger.begin();
    const call = modernRequest(token, 'tools/call', { name: 'mark', arguments: { token } });
    const headers = { ...PATIENCE, ...modernHeaders(call) };
    const response = await this.#post(`/mcp/stream/proxy/${id}`, call, headers);
    const { outcome } = await hear(response, token, token);
    ledger.note(token, outcome);
  }

  async #command(path: string, body: object): Promise<Reply> {
    return (await (await this.#post(path, body)).json()) as Reply;
  }

  #post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    const init = { method: 'POST', body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } };
    return fetch(this.#url + path, init);
  }
}

const mark = (token: string, ms: number) =>
  request(token, 'tools/call', { name: 'mark', arguments: { token, ms } });

function pick<T>(among: readonly T[], number: number): T {
  const picked = among[number % among.length];
  if (picked === undefined) throw new Error('there is nothing to pick from');
  return picked;
}
