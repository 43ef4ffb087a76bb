/** What is declared, changed and let go as server files change. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SimulatedClock } from 'xstate';
import { Refusal } from '../../../src/actors/refusal.ts';
import { McpConfigFiles } from '../../../src/mcp-config/follow.ts';
import { turn } from '../../support/actors-fixtures.ts';
import { removeDirectory, temporaryDirectory } from '../../support/gateway-process.ts';

const LOOK_MS = 1_000;

/** A gateway's registry, and the files a and b beside its data. */
class World {
  readonly clock = new SimulatedClock();
  readonly directory = temporaryDirectory();
  readonly files = { a: join(this.directory, 'a.json'), b: join(this.directory, 'b.json') };
  readonly done: string[] = [];
  readonly faults: unknown[] = [];
  /** By id: the command it has. */
  readonly registered = new Map<string, unknown>();
  /** Why each declaration is refused, by id. */
  readonly refusals = new Map<string, string>();
  #writes = 0;

  constructor() {
    onTestFinished(() => removeDirectory(this.directory));
  }

  write(file: 'a' | 'b', ...commands: [string, string][]): void {
    const mcpServers = Object.fromEntries(commands.map(([id, command]) => [id, { command }]));
    // The size differs with each text: a file is looked into again when it does.
    writeFileSync(this.files[file], JSON.stringify({ mcpServers }) + ' '.repeat(++this.#writes));
  }

  /** A life of the gateway. @param taken ids that its settings declare */
  async live(...taken: string[]): Promise<McpConfigFiles> {
    const files = new McpConfigFiles({
      files: Object.values(this.files),
      dataDir: this.directory,
      clock: this.clock,
      startNew: false,
      taken,
      registry: {
        declare: (id, { config }) => {
          const reason = this.refusals.get(id);
          if (reason !== undefined) throw new Refusal('0011', reason);
          this.registered.set(id, config?.kind === 'stdio' && config.command);
        },
        remove: async id => this.registered.delete(id),
      },
      onDone: (what, id) => this.done.push(`${what} ${id}`),
      onFault: error => this.faults.push(error instanceof Error ? error.message : error),
    });
    await files.start();
    return files;
  }

  /** The files are looked at, and what follows from that is done. */
  async look(): Promise<void> {
    this.clock.increment(LOOK_MS);
    await turn();
  }
}

describe('a service that is declared elsewhere', () => {
  it('given that it moved to the settings, then it is not removed at the next start', async () => {
    const world = new World();
    world.write('a', ['moves', 'x'], ['leaves', 'x']);
    world.write('b');
    await (await world.live()).stop();
    world.write('a');
    await (await world.live('moves')).stop();
    expect([...world.registered.keys()]).toEqual(['moves']);
    expect(world.done).toEqual(['declared moves', 'declared leaves', 'removed leaves']);
    await (await world.live()).stop();
    expect([...world.registered.keys()]).toEqual(['moves']);
  });

  it('given that it moved to another file, then it is not removed, and follows that one', async () => {
    const world = new World();
    world.write('a', ['moves', 'x']);
    world.write('b');
    const files = await world.live();
    world.write('a');
    world.write('b', ['moves', 'y']);
    await world.look();
    expect([...world.registered]).toEqual([['moves', 'y']]);
    world.write('b');
    await world.look();
    await files.stop();
    expect([...world.registered]).toEqual([]);
    expect(world.done).toEqual(['declared moves', 'declared moves', 'removed moves']);
  });
});

describe('a service that cannot be declared', () => {
  it('given that it moved to a file where it is refused, then it is let go with that', async () => {
    const world = new World();
    world.write('a', ['moves', 'x']);
    world.write('b');
    const files = await world.live();
    world.refusals.set('moves', 'the command y is not allowed');
    world.write('a');
    world.write('b', ['moves', 'y']);
    await world.look();
    expect([...world.registered]).toEqual([['moves', 'x']]);
    world.write('b');
    await world.look();
    await files.stop();
    expect([...world.registered]).toEqual([]);
  });

  it('is tried at each look, told once for each reason and each version of its file, and declared when it can be', async () => {
    const world = new World();
    world.refusals.set('bad', 'the command x is not allowed');
    world.write('a', ['bad', 'x'], ['good', 'x']);
    world.write('b');
    const files = await world.live();
    for (let looks = 0; looks < 3; looks++) await world.look();
    expect(world.faults).toEqual(['0011: the command x is not allowed']);
    world.refusals.set('bad', 'the disk is full');
    for (let looks = 0; looks < 3; looks++) await world.look();
    expect(world.faults).toHaveLength(2);
    world.write('a', ['bad', 'x'], ['good', 'x'], ['other', 'x']);
    await world.look();
    expect(world.faults).toHaveLength(3);
    world.refusals.clear();
    await world.look();
    await files.stop();
    expect([...world.registered.keys()].sort()).toEqual(['bad', 'good', 'other']);
    expect(world.faults).toHaveLength(3);
  });
});

describe('a file of variables that a server names', () => {
  it('is followed like the file that names it: what changes in it is taken over, and that it is gone is told once', async () => {
    const world = new World();
    const variables = join(world.directory, 'variables');
    const mcpServers = { named: { command: 'x', envFile: 'variables' }, other: { command: 'x' } };
    writeFileSync(world.files.a, JSON.stringify({ mcpServers }));
    writeFileSync(variables, 'KEY=1');
    world.write('b');
    const files = await world.live();
    writeFileSync(variables, 'KEY=22');
    await world.look();
    expect(world.done).toEqual(['declared named', 'declared other', 'changed named']);
    rmSync(variables);
    for (let looks = 0; looks < 3; looks++) await world.look();
    expect(world.faults).toEqual([expect.stringMatching(/named\.envFile cannot be read \(ENOENT\)/)]);
    writeFileSync(variables, 'KEY=333');
    await world.look();
    await files.stop();
    expect(world.done.slice(3)).toEqual(['changed named']);
    expect(world.faults).toHaveLength(1);
  });
});
