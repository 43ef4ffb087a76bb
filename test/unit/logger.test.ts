import type { Logger } from 'pino';
import { describe, expect, test } from 'vitest';
import { createLogger, type LoggerOptions } from '../../src/logging/logger.ts';
import { redactFields } from '../../src/logging/redact.ts';

function logged(level: 'info' | 'warn', write: (logger: Logger) => void, how: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  write(createLogger({ level, format: 'json', stream, terminal: false, ...how }));
  return lines;
}

describe('the log', () => {
  test('given a line, then it is JSON with an ISO time and the name of its level', () => {
    const [line = ''] = logged('info', logger => logger.info({ id: 'files' }, 'started'));
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.any(String),
      id: 'files',
      msg: 'started',
    });
    expect(new Date(JSON.parse(line).time).toISOString()).toBe(JSON.parse(line).time);
  });

  test('given the level warn, then info is not written', () => {
    const lines = logged('warn', logger => {
      logger.info('no');
      logger.warn('yes');
    });
    expect(lines).toHaveLength(1);
  });

  test.each([
    { authorization: 'hunter2' },
    { req: { headers: { authorization: 'hunter2' } } },
    { req: { Cookie: 'hunter2', 'Set-Cookie': 'hunter2' } },
    { 'X-Mcp-Json': 'hunter2', 'mcp-session-id': 'hunter2' },
    { services: [{ config: { env: { A: 'hunter2' }, args: ['hunter2'], authToken: 'hunter2' } }] },
    { body: { mcpJsonConfig: 'hunter2', mcp_json_config: 'hunter2', AUTH_TOKEN: 'hunter2' } },
    { settings: { authTokens: ['hunter2'], token: 'hunter2', tokens: 'hunter2' } },
    { a: { b: { c: { d: { e: { f: { g: { h: { i: { token: 'hunter2' } } } } } } } } } },
    {
      err: Object.assign(new Error('refused'), { headers: { a: 'hunter2' }, request: { token: 'hunter2' } }),
    },
  ])('given a field with a secret, then it is redacted: %j', fields => {
    const [line = ''] = logged('info', logger => logger.info(fields));
    expect(line).toMatch(/\[redacted\]|\[too deep\]/);
    expect(line).not.toContain('hunter2');
  });

  test('given an error, then its message and stack are kept', () => {
    const [line = ''] = logged('info', logger => logger.error(new Error('no such file')));
    expect(JSON.parse(line).err).toMatchObject({
      type: 'Error',
      message: 'no such file',
      stack: expect.any(String),
    });
  });

  test('given nesting, then eight levels are shown and no more', () => {
    const nested = (levels: number): object => (levels === 0 ? { leaf: 1 } : { in: nested(levels - 1) });
    expect(JSON.stringify(redactFields(nested(8)))).toContain('leaf');
    expect(JSON.stringify(redactFields(nested(9)))).not.toContain('leaf');
  });

  test('given data that refers to itself, then redaction ends', () => {
    const fields: Record<string, unknown> = { id: 'files' };
    fields.self = fields;
    expect(JSON.stringify(redactFields(fields))).toContain('[too deep]');
  });

  test('given plain fields, then they are as they were', () => {
    const at = new Date(0);
    expect(redactFields({ id: 'a', n: 1, list: [{ b: null }], at, tokenCount: 2 })).toEqual({
      id: 'a',
      n: 1,
      list: [{ b: null }],
      at,
      tokenCount: 2,
    });
  });

  test.each([
    ['auto', false, 'json'],
    ['auto', true, 'pretty'],
    ['json', true, 'json'],
    ['pretty', false, 'pretty'],
  ] as const)('given the format %s and a terminal: %s, then lines are %s', (format, terminal, expected) => {
    const [line = ''] = logged('info', logger => logger.info({ id: 'files' }, 'started'), {
      format,
      terminal,
    });
    expect(line.startsWith('{') ? 'json' : 'pretty').toBe(expected);
    expect(line.includes('\u001b')).toBe(expected === 'pretty' && terminal); // colours are for terminals
  });

  test('given people to read it, then a line has time, level, message and fields, and an error its stack below', () => {
    const error = new Error('no such file');
    error.stack = 'Error: no such file\n    at open (fs.ts:1)';
    const [line = ''] = logged(
      'info',
      logger => logger.warn({ id: 'my files', seq: 7, cause: 'a=b', err: error }, 'transition'),
      { format: 'pretty' },
    );
    expect(line).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}transition id=my files seq=7 cause="a=b"\n {4}Error: no such file\n {4}at open \(fs.ts:1\)\n$/,
    );
  });
});

describe('what others wrote', () => {
  const hostile = [
    'two\nlines',
    'a return\rto the start',
    '\u001b[2Jclears the screen',
    '\u009b31mred by a single character',
    'next\u0085line, \u2028line and \u2029paragraph',
    'reversed \u202Etxt.exe',
    'invisible \u200B\u{E0041} tags',
    '"} {"level":"info","msg":"forged"}',
  ];
  // Whatever moves a cursor or hides what follows; the line's own end is allowed for.
  const harmful = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

  test.each(hostile)(
    'given %j in a field and a message, then the JSON is one harmless line with the same content',
    text => {
      const [line = '', ...more] = logged('info', logger => logger.info({ id: text, deep: { text } }, text));
      expect(more).toEqual([]);
      expect(line.slice(0, -1)).not.toMatch(harmful);
      expect(line.endsWith('\n')).toBe(true);
      expect(JSON.parse(line)).toMatchObject({ id: text, deep: { text }, msg: text });
    },
  );

  test.each(hostile)('given %j, then the line for people is one harmless line', text => {
    const [line = ''] = logged('info', logger => logger.info({ id: text, deep: { text } }, text), {
      format: 'pretty',
    });
    expect(line.slice(0, -1)).not.toMatch(harmful);
    expect(line.split('\n')).toHaveLength(2);
  });

  test('given the stack of an error whose message has line breaks, then each is indented, so that none passes for an entry', () => {
    const err = new Error('x\n12:00:00.000 INFO  forged');
    const [line = ''] = logged('info', logger => logger.error({ err }), { format: 'pretty' });
    for (const below of line.trimEnd().split('\n').slice(1)) expect(below).toMatch(/^ {4}\S/);
  });
});
