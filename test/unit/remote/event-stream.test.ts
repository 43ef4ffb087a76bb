import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamReader } from '../../../src/backends/remote/event-stream.ts';

function read(chunks: readonly (string | Buffer)[], maxEventBytes = 1_000) {
  const events: [string, string][] = [];
  const oversized: [number, string][] = [];
  const reader = new EventStreamReader({
    maxEventBytes,
    onEvent: (type, data) => events.push([type, data]),
    onOversized: (bytes, head) => oversized.push([bytes, head]),
  });
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return { events, oversized, lastEventId: reader.lastEventId, retryMs: reader.retryMs };
}

describe('a stream of server-sent events', () => {
  it('is read field by field; comments, unknown fields and an unfinished event are left out', () => {
    const text =
      ': hi\nevent: endpoint\ndata: /m\n\ndata:one\ndata: two\nid: 7\nretry: 20\nwhat: x\n\ndata: cut';
    expect(read([text])).toEqual({
      events: [
        ['endpoint', '/m'],
        ['message', 'one\ntwo'],
      ],
      oversized: [],
      lastEventId: '7',
      retryMs: 20,
    });
  });

  it('knows the id of an event without data, and none of one that is unfinished or cannot be sent back', () => {
    expect(read(['id: a\ndata: \n\nid: b\ndata: x\n'])).toMatchObject({ events: [], lastEventId: 'a' });
    expect(read(['id: a\ndata: x\n\nid: é\ndata: y\n\n']).lastEventId).toBe(null);
  });

  it('bounds what a server can wish for', () => {
    expect(read(['retry: 999999999999\n\n']).retryMs).toBe(300_000);
    expect(read(['retry: soon\n\n']).retryMs).toBe(null);
  });

  it('means the same whatever its line ends and wherever it is cut', () => {
    const lines = ['id: 1', 'data: {"a":"ä€😀"}', '', ': c', 'event: x', 'data: b', 'data: c', '', ''];
    const expected = read([lines.join('\n')]);
    expect(expected.events).toHaveLength(2);
    fc.assert(
      fc.property(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(80)), (end, cuts) => {
        const bytes = Buffer.from(lines.join(end));
        const at = [0, ...cuts.filter(cut => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((cut, n) => bytes.subarray(at[n], cut));
        expect(read(chunks)).toEqual(expected);
      }),
    );
  });

  it('skips an event beyond the bound, in one line or many, and goes on (invariant 10)', () => {
    const long = 'x'.repeat(5_000);
    const one = read([`data: ${long}\n\ndata: next\n\n`]);
    expect(one.events).toEqual([['message', 'next']]);
    expect(one.oversized).toEqual([[expect.any(Number), 'x'.repeat(1_024)]]);
    expect(one.oversized[0]?.[0]).toBeGreaterThanOrEqual(5_000);
    const many = read([`${`data: ${'y'.repeat(100)}\n`.repeat(50)}\ndata: next\n\n`]);
    expect(many.events).toEqual([['message', 'next']]);
    expect(many.oversized).toHaveLength(1);
  });
});
