import { describe, expect, test } from 'vitest';
import { createLogger } from '../../src/logging/logger.ts';
import { redactFields } from '../../src/logging/redact.ts';

async function logged(
  level: 'info' | 'warn',
  write: (logger: Awaited<ReturnType<typeof createLogger>>) => void,
) {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  write(await createLogger({ level, pretty: false, stream }));
  return lines;
}

describe('the log', () => {
  test('given a line, then it is JSON with an ISO time and the name of its level', async () => {
    const [line = ''] = await logged('info', logger => logger.info({ id: 'files' }, 'started'));
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.any(String),
      id: 'files',
      msg: 'started',
    });
    expect(new Date(JSON.parse(line).time).toISOString()).toBe(JSON.parse(line).time);
  });

  test('given the level warn, then info is not written', async () => {
    const lines = await logged('warn', logger => {
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
  ])('given a field with a secret, then it is redacted: %j', async fields => {
    const [line = ''] = await logged('info', logger => logger.info(fields));
    expect(line).toMatch(/\[redacted\]|\[too deep\]/);
    expect(line).not.toContain('hunter2');
  });

  test('given an error, then its message and stack are kept', async () => {
    const [line = ''] = await logged('info', logger => logger.error(new Error('no such file')));
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
});
