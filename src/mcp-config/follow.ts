/** Declares the services of the server files, and follows the files: unchanged services are not touched. */
import { isDeepStrictEqual } from 'node:util';
import type { StartOrder } from '../actors/services.ts';
import type { Clock } from '../backends/clock.ts';
import { messageOf } from '../message-of.ts';
import type { DeclaredService } from '../settings/declared-services.ts';
import { McpConfigError, readMcpConfig } from './read.ts';
import { recall, remember } from './remembered.ts';
import { stampOf, stampOfAll } from './stamp.ts';

/** What of the registry is needed here. */
export interface Declaring {
  declare(id: string, order: StartOrder, startNew: boolean, restartChanged: boolean): void | Promise<void>;
  remove(id: string): Promise<boolean>;
}

export interface FollowOptions {
  readonly files: readonly string[];
  readonly dataDir: string;
  readonly registry: Declaring;
  readonly clock: Clock;
  /** New Persistent services start at once. */
  readonly startNew: boolean;
  /** Ids that are declared elsewhere, and may not be declared by a file. */
  readonly taken: readonly string[];
  /** What was done about one service, for the log. */
  onDone(what: 'declared' | 'changed' | 'removed', id: string, file: string): void;
  /** A file cannot be used as it is, or a service could not be declared; what was before stays, and it is tried again. */
  onFault(error: unknown): void;
}

/** Time between two looks at a file, in ms: a look is one `stat` of it, and of each file that it names. */
const LOOK_MS = 1_000;

interface Followed {
  readonly path: string;
  /** What was read of it: the file itself, and those that it names. */
  paths: readonly string[];
  /** How they were when the file was taken over; null: not wholly yet. */
  stamp: string | null;
  /** What is declared from it, by id; a value of null: declared in an earlier life, from what is not known. */
  readonly declared: Map<string, DeclaredService | null>;
  /** What was told of services, by id, since the file was as it is: what is tried again each second is told once. */
  readonly told: Map<string, string>;
  /** How it was when it was read last. */
  read: string;
}

/** A file as it is now. */
interface Reading {
  readonly file: Followed;
  readonly stamps: ReadonlyMap<string, string>;
  readonly services: readonly DeclaredService[];
}

export class McpConfigFiles {
  readonly #options: FollowOptions;
  readonly #files: readonly Followed[];
  #timer: unknown;
  #round: Promise<void> = Promise.resolve();
  /** How the files were when they were last found at fault, so that one fault is told once. */
  #faulty: string | null = null;

  constructor(options: FollowOptions) {
    this.#options = options;
    const remembered = recall(options.dataDir);
    this.#files = options.files.map(path => ({
      path,
      paths: [path],
      stamp: null,
      declared: new Map((remembered[path] ?? []).map(id => [id, null])),
      told: new Map(),
      read: '',
    }));
  }

  /** Declares everything, and follows from then on. @throws {McpConfigError} a file cannot be used, or declares what another one does */
  async start(): Promise<void> {
    await this.#take(this.#read());
    this.#arm();
  }

  /** Resolves when nothing is being declared any more. */
  async stop(): Promise<void> {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
    await this.#round;
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#timer = clock.setTimeout(() => {
      this.#round = this.#look().finally(() => {
        if (this.#timer !== null) this.#arm();
      });
    }, LOOK_MS);
  }

  async #look(): Promise<void> {
    const present = this.#files.map(({ paths }) => stampOfAll(paths.map(path => [path, stampOf(path)])));
    if (this.#files.every(({ stamp }, index) => stamp === present[index])) return;
    const state = present.join('\n');
    try {
      await this.#take(this.#read());
      this.#faulty = null;
    } catch (error) {
      if (this.#faulty !== state) this.#options.onFault(error);
      this.#faulty = state;
    }
  }

  /** All files as they are now: one that cannot be used, or a clash, and none is taken over. */
  #read(): readonly Reading[] {
    const owners = new Map(this.#options.taken.map(id => [id, 'the settings']));
    return this.#files.map(file => {
      const { services, stamps } = readMcpConfig(file.path);
      for (const { id } of services) {
        const owner = owners.get(id);
        if (owner !== undefined)
          throw new McpConfigError(
            `${file.path}: ${JSON.stringify(id)} is declared in ${owner}, too; rename one`,
          );
        owners.set(id, file.path);
      }
      return { file, stamps, services };
    });
  }

  async #take(read: readonly Reading[]): Promise<void> {
    const settled = new Map<Followed, boolean>();
    const declared = read.flatMap(({ services }) => services.map(({ id }) => id));
    const kept = new Set([...this.#options.taken, ...declared]);
    for (const { file, stamps } of read) {
      const stamp = stampOfAll(stamps);
      if (file.read !== stamp) file.told.clear();
      file.read = stamp;
      settled.set(file, await this.#letGo(file, kept));
    }
    for (const { file, services } of read) {
      const done = await Promise.all(services.map(service => this.#declare(file, service)));
      if (!done.every(Boolean)) settled.set(file, false);
    }
    for (const reading of read) this.#forgetMoved(reading);
    const { dataDir } = this.#options;
    remember(
      dataDir,
      Object.fromEntries(this.#files.map(({ path, declared }) => [path, [...declared.keys()]])),
    );
    for (const { file, stamps } of read) {
      file.paths = [...stamps.keys()];
      file.stamp = settled.get(file) === true ? file.read : null;
    }
  }

  /** What has left the file is removed, unless it is to be declared elsewhere: then it has only moved. */
  async #letGo(file: Followed, kept: ReadonlySet<string>): Promise<boolean> {
    const gone = [...file.declared.keys()].filter(id => !kept.has(id));
    const done = await Promise.all(
      gone.map(id =>
        this.#attempt(file, id, async () => {
          await this.#options.registry.remove(id);
          file.declared.delete(id);
          this.#options.onDone('removed', id, file.path);
        }),
      ),
    );
    return done.every(Boolean);
  }

  /** What has left the file is no longer its own once it is declared elsewhere; if it is refused there, it still is. */
  #forgetMoved({ file, services }: Pick<Reading, 'file' | 'services'>): void {
    const wanted = new Set(services.map(({ id }) => id));
    const others = this.#files.filter(other => other !== file);
    for (const id of file.declared.keys()) {
      const isElsewhere = this.#options.taken.includes(id) || others.some(({ declared }) => declared.has(id));
      if (!wanted.has(id) && isElsewhere) file.declared.delete(id);
    }
  }

  async #declare(file: Followed, service: DeclaredService): Promise<boolean> {
    const { registry, startNew, onDone } = this.#options;
    const { id, type, config } = service;
    const before = file.declared.get(id);
    if (isDeepStrictEqual(before, service)) return true;
    return this.#attempt(file, id, async () => {
      await registry.declare(id, { type, config }, startNew, true);
      file.declared.set(id, service);
      onDone(before ? 'changed' : 'declared', id, file.path);
    });
  }

  async #attempt(file: Followed, id: string, task: () => Promise<void>): Promise<boolean> {
    try {
      await task();
      file.told.delete(id);
      return true;
    } catch (error) {
      const message = messageOf(error);
      if (file.told.get(id) !== message) this.#options.onFault(error);
      file.told.set(id, message);
      return false;
    }
  }
}
