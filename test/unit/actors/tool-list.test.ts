import { describe, expect, it } from 'vitest';
import { toDurable } from '../../../src/actors/replay.ts';
import { ServiceStore } from '../../../src/actors/service-store.ts';
import { ToolCollector } from '../../../src/actors/tool-list.ts';
import { StorageError, UnreadableRecordError } from '../../../src/store/errors.ts';
import { type EventLog, type JsonObject, NO_TOKEN } from '../../../src/store/event-log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { registered } from '../../support/machine-fixtures.ts';

const ID = 'tools';
const LIST = {
  config: 'config-1',
  hash: 'aGFzaA',
  count: 2,
  at: 7,
  tools: [
    { name: 'echo', title: 'Echo', description: null },
    { name: 'add', title: null, description: 'Adds' },
  ],
};

function holding(document: JsonObject | null): EventLog {
  const log = new MemoryLog();
  const draft = { at: 0, event: { type: 'registered' }, to: toDurable(registered('OneShot')), owed: null };
  log.append(ID, NO_TOKEN, [{ ...draft, documents: { tools: document } }]);
  return log;
}

const failing = (error: Error) =>
  new ServiceStore(
    Object.assign(Object.create(holding(null)) as EventLog, {
      document: () => {
        throw error;
      },
    }),
  );

describe('the stored list of tools', () => {
  it('is read back as it was written', () => {
    expect(new ServiceStore(holding(LIST)).tools(ID)).toEqual(LIST);
  });

  it.each<[string, JsonObject | null]>([
    ['there is none', null],
    ['its tools are none', { ...LIST, tools: [{ title: 'x' }] }],
    ['it lacks its hash', { ...LIST, hash: null }],
  ])('given %s, then there is no list', (_, document) => {
    expect(new ServiceStore(holding(document)).tools(ID)).toBeNull();
  });

  it('given it is damaged, then there is no list; given the log cannot be read, then that is refused', () => {
    expect(failing(new UnreadableRecordError('damaged')).tools(ID)).toBeNull();
    expect(() => failing(new StorageError('closed')).tools(ID)).toThrow(
      expect.objectContaining({ code: '0009' }),
    );
  });
});

type Tool = Record<string, unknown>;

function collected(tools: readonly Tool[], maxBytes = 100_000) {
  const found = new ToolCollector();
  for (const tool of tools) found.add(tool);
  return found.list(7, maxBytes);
}

describe('a list of tools while it is read', () => {
  const echo = { name: 'echo', title: 'Echo', description: 'Says it', inputSchema: { type: 'object', a: 1 } };
  const add = { name: 'add', inputSchema: { type: 'object', required: ['a', 'b'] } };

  it('keeps names, titles and descriptions, and counts', () => {
    expect(collected([echo, add])).toMatchObject({
      count: 2,
      at: 7,
      tools: [
        { name: 'echo', title: 'Echo', description: 'Says it' },
        { name: 'add', title: null, description: null },
      ],
    });
  });

  it('has the same hash whatever the order of tools and keys, and another when a schema changes', () => {
    const { hash } = collected([echo, add]);
    const { inputSchema, ...rest } = echo;
    expect(collected([add, { inputSchema: { a: 1, type: 'object' }, ...rest }]).hash).toBe(hash);
    expect(
      collected([echo, { ...add, inputSchema: { type: 'object', required: ['b', 'a'] } }]).hash,
    ).not.toBe(hash);
    expect(collected([echo]).hash).not.toBe(hash);
    expect(collected([echo, echo]).hash).not.toBe(collected([echo]).hash);
  });

  it('takes nothing for a tool that has no name, and what is not text for no text', () => {
    expect(collected([{ title: 'x' }, { name: 5 }, { name: 'x', title: 5, description: {} }])).toMatchObject({
      count: 1,
      tools: [{ name: 'x', title: null, description: null }],
    });
  });

  it('within its bound loses descriptions first, then its end; the count stays (invariant 10)', () => {
    const many = Array.from({ length: 50 }, (_, n) => ({ name: `tool-${n}`, description: 'é'.repeat(100) }));
    const bytes = ({ tools }: { tools: unknown }) => Buffer.byteLength(JSON.stringify(tools));
    const bare = collected(many, 5000);
    expect([bare.tools.length, bare.tools[0]?.description, bytes(bare) <= 5000]).toEqual([50, null, true]);
    const cut = collected(many, 1000);
    expect([cut.count, cut.tools.length < 50, bytes(cut) <= 1000, bytes(cut) > 900]).toEqual([
      50,
      true,
      true,
      true,
    ]);
    expect(cut.hash).toBe(collected(many).hash);
  });

  it('cuts texts of any length, and tells apart only so many tools', () => {
    const long = collected([{ name: 'n'.repeat(1e6), title: 't'.repeat(1e6), description: 'd'.repeat(1e6) }]);
    expect(JSON.stringify(long).length).toBeLessThan(5000);
    const endless = new ToolCollector();
    for (let n = 0; n < 10_001; n++) endless.add({ name: `${n}` });
    expect([endless.has('9999'), endless.has('10000'), endless.list(0, 1e6).count]).toEqual([
      true,
      false,
      10_001,
    ]);
  });

  it('a schema that is nested too deeply to be written down does no harm', () => {
    const inputSchema = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    expect(collected([{ name: 'deep', inputSchema }, echo])).toMatchObject({ count: 2 });
  });
});
