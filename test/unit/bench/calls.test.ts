import { describe, expect, it } from 'vitest';
import { type CallKind, callTexts, faultOf } from '../../../bench/load/calls.ts';

const ECHO: CallKind = { tool: 'echo', sent: 16, received: 16 };
const plain = (tool: string) => tool;

function answer(id: number, text: string): Buffer {
  const result = { content: [{ type: 'text', text }] };
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

describe('the calls of the benchmark', () => {
  it('given each tool / when its call is written / then it is JSON-RPC with that id and the asked length', () => {
    for (const tool of ['echo', 'blob', 'length', 'progress', 'late'] as const) {
      const text = callTexts({ tool, sent: 5, received: 7, delayMs: 3 }, name => `x__${name}`)(42);
      const { id, method, params } = JSON.parse(text);
      expect({ id, method, name: params.name }).toEqual({ id: 42, method: 'tools/call', name: `x__${tool}` });
      expect(params.arguments.message).toBe('xxxxx');
      expect(params._meta).toEqual(tool === 'progress' ? { progressToken: 42 } : undefined);
    }
  });

  it('given the right answer / when it is looked at / then nothing is wrong, short or long, plain or an event', () => {
    expect(faultOf(answer(7, 'x'.repeat(16)), 7, ECHO)).toBeNull();
    const event = Buffer.from(`event: message\ndata: ${answer(7, 'x'.repeat(16))}\n\n`);
    expect(faultOf(event, 7, ECHO)).toBeNull();
    const long = { ...ECHO, tool: 'blob', received: 100_000 } as const;
    expect(faultOf(answer(7, 'x'.repeat(100_000)), 7, long)).toBeNull();
  });

  it('given the answer to another call, an error, or too short a one / when it is looked at / then it is a fault', () => {
    expect(faultOf(answer(77, 'x'.repeat(16)), 7, ECHO)).toMatch(/not the answer to 7/);
    const error = '{"jsonrpc":"2.0","id":7,"error":{"code":-32000,"message":"no"}}';
    expect(faultOf(Buffer.from(error), 7, ECHO)).toMatch(/not the answer to 7/);
    expect(faultOf(answer(7, 'x'), 7, { ...ECHO, received: 1000 })).toMatch(/only \d+ bytes/);
    const progress = { ...ECHO, tool: 'progress' } as const;
    expect(faultOf(answer(7, 'x'.repeat(16)), 7, progress)).toMatch(/no progress/);
  });

  it('given a call / when it is renamed / then nothing else changes', () => {
    const [mine, theirs] = [plain, (tool: string) => `x__${tool}`].map(rename => callTexts(ECHO, rename)(1));
    expect(theirs).toBe(mine?.replace('"echo"', '"x__echo"'));
  });
});
