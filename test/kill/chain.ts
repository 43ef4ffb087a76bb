/** One data directory, and one life of the gateway after the other over it, each ended where an order says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fillLog } from '../support/filled-log.ts';
import { Client, type Knowledge } from './client.ts';
import { deedsOf } from './deeds.ts';
import { Expectations } from './expectations.ts';
import { Ledger } from './ledger.ts';
import { Life } from './life.ts';
import { LogBook } from './log-book.ts';
import { type Order, tellOrder } from './orders.ts';
import { Unclear } from './outcome.ts';
import { nobodyLeft, recordedFirst, type Span } from './process-checks.ts';
import { acknowledged, nothingForgotten, reported } from './service-checks.ts';
import { SessionBook } from './session-book.ts';
import { outcomesTold, sessionsKept } from './session-checks.ts';
import { isAlive, WitnessBook } from './witness-book.ts';

const CLIENTS = ['ann', 'bob', 'cy'];
const OWN = 2;
const DEEDS = 500;
/** Longest life, in ms: a point that was not passed by then is not on the way of what the clients happened to do. */
const LONGEST_MS = 10_000;
/** How long a life may outlive the failure of a request of its, in ms, before the failure counts. */
const LAST_BREATH_MS = 2000;
/** Services of before, so that there is something to prune. */
const PAST = { services: 1, records: 1200 };

const servicesOf = (client: string) => Array.from({ length: OWN }, (_, n) => `${client}-${n}`);
const SERVICES = CLIENTS.flatMap(servicesOf);

/** How one life went. */
export interface Report {
  readonly order: Order;
  /** It ended where it was to; else we ended it after a while. */
  readonly hit: boolean;
  readonly violations: readonly string[];
}

export class Chain {
  readonly directory = mkdtempSync(join(tmpdir(), 'evergate-kill-'));
  readonly #build: string;
  readonly #seed: number;
  readonly #dataDir = join(this.directory, 'data');
  readonly #log = new LogBook(this.#dataDir);
  readonly #book: WitnessBook;
  readonly #knowledge: Knowledge;
  /** Lives whose processes were not held against the log yet. */
  #unchecked: Span[] = [];
  #lives = 0;
  #violations: string[] = [];

  constructor(build: string, seed: number) {
    this.#build = build;
    this.#seed = seed;
    const journal = join(this.directory, 'journal');
    writeFileSync(journal, '');
    this.#book = new WitnessBook(journal);
    let version = 0;
    this.#knowledge = {
      expectations: new Expectations(),
      sessions: new SessionBook(),
      ledger: new Ledger(),
      journal,
      newVersion: () => ++version,
    };
  }

  /** Has to come first. */
  async prepare(): Promise<void> {
    await fillLog(this.#dataDir, PAST);
    this.#log.read();
    await this.#log.close();
    for (const id of this.#log.states.keys()) this.#knowledge.expectations.untouched.add(id);
  }

  /** One life, from its boot and what has to be so after it, through work, to its end. */
  async live(order: Order): Promise<Report> {
    this.#violations = [];
    const life = this.#begin(order);
    const before = this.#log.lastSeq;
    let timer: NodeJS.Timeout | undefined;
    if (order.point === null && !order.later) timer = setTimeout(() => void life.kill(), order.afterMs);
    const url = await life.up;
    let hit = true;
    if (url !== null) {
      await this.#during(life, () => this.#check(url, life.pid, before));
      await this.#log.close();
      hit = await this.#work(url, life, order);
    }
    clearTimeout(timer);
    await life.ended;
    await this.#afterDeath(life, before, order);
    return { order, hit, violations: this.#violations };
  }

  /** The last life: it is checked, asked to stop, and leaves nothing behind. */
  async end(): Promise<readonly string[]> {
    this.#violations = [];
    const life = this.#begin(null);
    const before = this.#log.lastSeq;
    const url = await life.up;
    if (url === null) this.#violations.push(`the gateway does not come up: ${life.log}`);
    else {
      await this.#check(url, life.pid, before);
      life.stop();
    }
    await life.ended;
    if (life.process.exitCode !== 0)
      this.#violations.push(`it ended with ${life.process.exitCode}: ${life.log}`);
    this.#book.read();
    this.#violations.push(...this.#log.read(), ...nobodyLeft(this.#book, 0));
    await this.#log.close();
    this.abandon(this.#violations.length > 0);
    return this.#violations;
  }

  /** Leaves no process behind, whatever the gateway would have. @param keep the directory stays, to be looked at */
  abandon(keep: boolean): void {
    this.#book.read();
    for (const each of [...this.#book.witnesses, ...this.#book.members])
      if (isAlive(each)) process.kill(each.pid, 'SIGKILL');
    if (!keep) rmSync(this.directory, { recursive: true, force: true });
  }

  #begin(order: Order | null): Life {
    const { point = null, passing = 1, later = false } = order ?? {};
    return new Life({
      build: this.#build,
      dataDir: this.#dataDir,
      trace: join(this.directory, 'trace'),
      cooldownMs: 100 + (this.#lives++ % 2),
      at: point === null ? null : `${point}#${passing}`,
      later,
    });
  }

  async #check(url: string, gateway: number, before: number): Promise<void> {
    const note = (wrong: readonly string[]) => this.#violations.push(...wrong);
    this.#book.read();
    note(nobodyLeft(this.#book, gateway));
    note(this.#log.read());
    for (const span of this.#unchecked)
      note(recordedFirst(this.#book, this.#log, span, this.#knowledge.journal));
    this.#unchecked = [];
    note(nothingForgotten(this.#log, before));
    note(acknowledged(this.#log, this.#knowledge));
    const { ids, untouched } = this.#knowledge.expectations;
    note(await reported(url, this.#log, [...ids, ...untouched]));
    note(await sessionsKept(url, this.#knowledge));
    note(await outcomesTold(url, this.#knowledge));
  }

  /** Clients do their deeds until the life ends. Returns whether it ended where it was to. */
  async #work(url: string, life: Life, order: Order): Promise<boolean> {
    const clients = CLIENTS.map((name, n) => this.#client(url, life, name, n, order));
    if (order.later) life.arm();
    const timers = [setTimeout(() => void life.kill(), LONGEST_MS)];
    if (order.point === null)
      timers.push(setTimeout(() => void life.kill(), order.later ? order.afterMs : LONGEST_MS));
    else if (order.point.startsWith('stop:')) timers.push(setTimeout(() => life.stop(), order.afterMs));
    const begun = performance.now();
    await Promise.all([...clients, life.ended]);
    for (const timer of timers) clearTimeout(timer);
    return order.point === null || performance.now() - begun < LONGEST_MS;
  }

  async #client(url: string, life: Life, name: string, n: number, order: Order): Promise<void> {
    const client = new Client(url, this.#knowledge, servicesOf(name), SERVICES);
    const seed = this.#seed + this.#lives * CLIENTS.length + n;
    for (const deed of deedsOf(seed, DEEDS, order.point)) {
      const goesOn = await this.#during(life, () => client.act(deed));
      if (!goesOn) return;
    }
  }

  /** Runs what may be cut off by the end of the life. False: it was. */
  async #during(life: Life, run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      const ended = await Promise.race([life.ended.then(() => true), pause(LAST_BREATH_MS, false)]);
      if (error instanceof Unclear || !ended) this.#violations.push(`unexpected: ${(error as Error).stack}`);
      return false;
    }
  }

  async #afterDeath(life: Life, before: number, order: Order): Promise<void> {
    const stopped = order.point?.startsWith('stop:') === true && life.process.exitCode === 0;
    if (!life.wasKilled && !stopped)
      this.#violations.push(`it ended by itself, with ${life.process.exitCode}: ${life.log}`);
    this.#knowledge.sessions.cut();
    this.#book.read();
    this.#violations.push(...this.#log.read(), ...this.#knowledge.ledger.compare(this.#book.calls));
    await this.#log.close();
    this.#unchecked.push({ gateway: life.pid, after: before, upTo: this.#log.lastSeq });
    if (this.#violations.length === 0) return;
    writeFileSync(join(this.directory, 'gateway.log'), life.log);
    this.#violations.unshift(`in life ${this.#lives}, ended ${tellOrder(order)}, over ${this.directory}:`);
  }
}
