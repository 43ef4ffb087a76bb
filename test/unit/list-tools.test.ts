import { describe, expect, it } from 'vitest';
import { listTools } from '../../src/backends/list-tools.ts';
import type { JsonObject } from '../../src/store/event-log.ts';

/** A lane that answers each page as told; what was asked, what was found, and whether it was all. */
async function given(answer: (params: JsonObject) => object) {
  const asked: JsonObject[] = [];
  const found: unknown[] = [];
  const ask = async (method: string, params: JsonObject) => {
    expect(method).toBe('tools/list');
    asked.push(params);
    return answer(params);
  };
  const whole = await listTools({ ask }, 1000, ({ name }) => found.push(name));
  return { asked, found, whole };
}

describe('asking a backend for its tools', () => {
  it('follows the cursor to the last page', async () => {
    const pages = [{ tools: [{ name: 'a' }], nextCursor: '2' }, { tools: [{ name: 'b' }, 'none', null] }];
    const { asked, found, whole } = await given(({ cursor }) => ({ result: pages[cursor === '2' ? 1 : 0] }));
    expect([asked, found, whole]).toEqual([[{}, { cursor: '2' }], ['a', 'b'], true]);
  });

  it.each([
    [{ error: { code: -32601, message: 'no' } }],
    [{ result: null }],
    [{ result: {} }],
    [{ result: { tools: 'many' } }],
  ])('given it answers %j, then that is not all of it', async answer => {
    expect(await given(() => answer)).toMatchObject({ found: [], whole: false });
  });

  it('given it comes to no end, then it is left after 100 pages (invariant 10)', async () => {
    const { asked, whole } = await given(() => ({ result: { tools: [{ name: 'a' }], nextCursor: 'on' } }));
    expect([asked.length, whole]).toEqual([100, false]);
  });
});
