import { describe, expect, it } from 'vitest';
import { locate, readHead, splice, valueAt } from '../../src/backends/rpc/places.ts';
import { NotJsonRpc, readMessage } from '../../src/backends/rpc/text.ts';

function fault(text: string): NotJsonRpc {
  try {
    readMessage(text);
  } catch (error) {
    if (error instanceof NotJsonRpc) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

const request = (id: string) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`;

describe('reading a message', () => {
  it('tells requests, notifications and responses apart', () => {
    expect(readMessage(request('7'))).toMatchObject({
      kind: 'request',
      id: 7,
      method: 'ping',
      text: request('7'),
    });
    expect(readMessage('{"jsonrpc":"2.0","method":"notifications/x"}').kind).toBe('notification');
    expect(readMessage('{"jsonrpc":"2.0","id":"a","result":null}')).toMatchObject({
      kind: 'response',
      id: 'a',
    });
    expect(readMessage('{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}').kind).toBe('response');
  });

  it('keeps the text byte for byte where it is unambiguous', () => {
    const text =
      '{ "method":"x","params":{"n":12345678901234567890.10,"s":"\\u4f60\\/"},"jsonrpc":"2.0" ,"id" : 1}';
    expect(readMessage(text).text).toBe(text);
  });

  it('leaves no raw line break in the text', () => {
    const { text } = readMessage('{"jsonrpc":"2.0",\r\n"id":1,\n"method":"x","params":{"s":"a\\nb"}}\n');
    expect(text).not.toMatch(/[\r\n]/);
    expect(JSON.parse(text)).toMatchObject({ id: 1, params: { s: 'a\nb' } });
  });

  it.each(['null', '1.5', '{}', '[1]', 'true', '9007199254740992', '1e30', JSON.stringify('x'.repeat(1025))])(
    'refuses the id %.20s (contract §1, 0008)',
    id => expect(fault(request(id)).parse).toBe(false),
  );

  it.each(['0', '-1', '9007199254740991', '""', JSON.stringify('x'.repeat(1024))])(
    'takes the id %.20s',
    id => {
      expect(readMessage(request(id))).toMatchObject({ id: JSON.parse(id) });
    },
  );

  it.each([
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', /batch/],
    ['a scalar', '42', /object/],
    ['null', 'null', /object/],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"x"}', /jsonrpc/],
    ['no version', '{"id":1,"method":"x"}', /jsonrpc/],
    ['a method that is no string', '{"jsonrpc":"2.0","id":1,"method":1}', /method/],
    ['neither method nor result', '{"jsonrpc":"2.0","id":1}', /result/],
    ['method and result', '{"jsonrpc":"2.0","id":1,"method":"x","result":{}}', /result/],
    ['result and error', '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}', /error/],
    ['an error that is no object', '{"jsonrpc":"2.0","id":1,"error":"x"}', /error/],
    ['a response without id', '{"jsonrpc":"2.0","result":{}}', /id/],
  ])('refuses %s', (_name, text, reason) => {
    expect(fault(text)).toMatchObject({ parse: false, reason: expect.stringMatching(reason) });
  });

  it('refuses what is no JSON without quoting it', () => {
    const error = fault('{"token":"s3cret');
    expect(error.parse).toBe(true);
    expect(error.message).not.toContain('s3cret');
  });

  it('refuses an ambiguous text that is nested too deeply to be rewritten', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(readMessage(`{"jsonrpc":"2.0","id":1,"method":"x","params":${deep}}`).kind).toBe('request');
    expect(fault(`{"jsonrpc":"2.0","id":1,"id":2,"method":"x","params":${deep}}`).reason).toMatch(/deep/);
  });
});

describe('ambiguous texts are rewritten before they are spliced (invariant 8)', () => {
  it.each([
    ['a second id', '{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}'],
    ['an escaped id', '{"jsonrpc":"2.0","\\u0069d":1,"method":"x","id":2}'],
    ['only an escaped id', '{"jsonrpc":"2.0","i\\u0064":2,"method":"x"}'],
    ['an id that differs in case', '{"jsonrpc":"2.0","id":2,"method":"x","ID":1}'],
    ['an escaped id that differs in case', '{"jsonrpc":"2.0","id":2,"method":"x","\\u0049d":1}'],
    ['a second method', '{"jsonrpc":"2.0","id":2,"method":"y","method":"x"}'],
    ['a method that differs in case', '{"jsonrpc":"2.0","id":2,"method":"x","Method":"y"}'],
    ['params that differ in case', '{"jsonrpc":"2.0","id":2,"method":"x","Params":{}}'],
  ])('%s', (_name, text) => {
    const message = readMessage(text);
    expect(message).toMatchObject({ kind: 'request', id: 2, method: 'x' });
    expect(Object.keys(JSON.parse(message.text)).sort()).toEqual(['id', 'jsonrpc', 'method']);
    expect(message.text.match(/id/gi)).toHaveLength(1);
  });

  it.each([
    ['a second token', '"_meta":{"progressToken":1,"progressToken":2}'],
    ['a token that differs in case', '"_meta":{"progressToken":2,"progresstoken":1}'],
    ['a token with a long s', '"_meta":{"progressToken":2,"progreſſToken":1}'],
    ['a token with a Kelvin sign', '"_meta":{"progressToken":2,"progressTo\u212Aen":1}'],
    ['a second _meta', '"_meta":{"progressToken":1},"_meta":{"progressToken":2}'],
    ['a _meta that differs in case', '"_meta":{"progressToken":2},"_Meta":{"progressToken":1}'],
    ['escapes', '"_meta":{"progressToken":2},"\\u005fMeta":{"progressToken":1}'],
  ])('%s', (_name, params) => {
    const located = locate(`{"jsonrpc":"2.0","id":1,"method":"x","params":{${params}}}`);
    if (located === null) throw new Error('not located');
    expect(valueAt(located.text, located.metaProgressToken)).toBe(2);
    expect(splice(located.text, [located.metaProgressToken, '9'])).toBe(
      '{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":9}}}',
    );
  });

  it.each([
    ['notifications/cancelled', 'requestId'],
    ['notifications/progress', 'progressToken'],
    ['resources/subscribe', 'uri'],
    ['logging/setLevel', 'level'],
    ['tools/call', 'name'],
  ])('the %s key %s', (method, name) => {
    const text = `{"jsonrpc":"2.0","method":"${method}","params":{"${name}":"2","${name.toUpperCase()}":"1"}}`;
    expect(JSON.parse(readMessage(text).text).params).toEqual({ [name]: '2' });
    const twice = `{"jsonrpc":"2.0","method":"${method}","params":{"${name}":"1","${name}":"2"}}`;
    expect(readMessage(twice).text).toBe(`{"jsonrpc":"2.0","method":"${method}","params":{"${name}":"2"}}`);
  });

  it('leaves keys alone that only other methods go by', () => {
    const text = '{"jsonrpc":"2.0","id":1,"method":"vendor/x","params":{"URI":1,"uri":2,"Level":3}}';
    expect(readMessage(text).text).toBe(text);
  });
});

describe('the head of a message that was too long', () => {
  it.each([
    ['an id before the result', `{"jsonrpc":"2.0","id":5,"result":{"x":"${'y'.repeat(50)}`, 5, true],
    ['a result before the id', `{"result":{"x":"${'y'.repeat(50)}`, null, true],
    ['a request', `{"jsonrpc":"2.0","id":5,"method":"x","params":{"x":"${'y'.repeat(50)}`, null, false],
    ['an id that the cut may have shortened', '{"result":{},"id":5', null, true],
    ['two ids', '{"id":4,"id":5,"result":{"x":', null, true],
    ['garbage', 'xxxxxxxx', null, false],
    ['a broken id', '{"id":nope,"result":{"x":', null, true],
    ['a cut key', '{"result":{},"i\\u00', null, true],
  ])('%s', (_name, head, responseId, isResponse) => {
    expect(readHead(head)).toEqual({ responseId, isResponse });
  });
});
