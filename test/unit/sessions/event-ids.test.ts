import { describe, expect, test } from 'vitest';
import {
  callStreamId,
  eventId,
  readEventId,
  standaloneOrdinal,
  standaloneStreamId,
} from '../../../src/http/sessions/event-ids.ts';

describe('the id of an event', () => {
  test.each([
    ['the standalone stream', null],
    ['a call', 7],
    ['a call with a text for its id', 'é "x"'],
    ['a call with a negative id', -1],
  ])('says of %s where it stands', (_, rpcId) => {
    const streamId = rpcId === null ? standaloneStreamId('session', []) : callStreamId('session', rpcId);
    const kind = rpcId === null ? 'standalone' : 'call';
    expect(readEventId('session', eventId(streamId, 0))).toEqual({
      streamId,
      kind,
      rpcId,
      n: 0,
      last: false,
    });
    expect(readEventId('session', eventId(streamId, 42, true))).toMatchObject({ n: 42, last: true, rpcId });
  });

  test('a request id that is too long is left out', () => {
    const streamId = callStreamId('session', 'ü'.repeat(500));
    expect(streamId.length).toBeLessThan(30);
    expect(readEventId('session', eventId(streamId, 1))).toMatchObject({ kind: 'call', rpcId: null });
  });

  test('invariant 8: is none in another session, and no two streams have the same', () => {
    const streamId = callStreamId('session', 1);
    expect(callStreamId('session', 1)).not.toBe(streamId);
    expect(readEventId('another', eventId(streamId, 1))).toBeNull();
  });

  test('of a standalone stream sorts behind those of the lives before', () => {
    const known = [callStreamId('session', 1)];
    for (let life = 1; life <= 3; life++) {
      const id = standaloneStreamId('session', known);
      expect(standaloneOrdinal(id)).toBe(life);
      known.unshift(id);
    }
    expect(standaloneOrdinal(callStreamId('session', 1))).toBeNull();
  });

  test('changed in any place it is none', () => {
    const id = eventId(callStreamId('session', 12), 3);
    const stream = id.slice(0, id.indexOf('.'));
    for (let at = 0; at < stream.length; at++) {
      const other = stream[at] === 'A' ? 'B' : 'A';
      expect(readEventId('session', `${id.slice(0, at)}${other}${id.slice(at + 1)}`)).toBeNull();
    }
  });

  test.each(['', '1', 'x.1', '..', 'c.1', `${'A'.repeat(4000)}.1`, 'gAAAAAAAAAAAAAAAAAAA.-1', '\u0000'])(
    '%j is none',
    text => {
      expect(readEventId('session', text)).toBeNull();
    },
  );
});
