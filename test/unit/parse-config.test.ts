import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/backends/config/config-error.ts';
import { parseServiceConfig, parseServiceConfigText } from '../../src/backends/config/parse-config.ts';
import type { ServiceConfig } from '../../src/backends/config/service-config.ts';

const COMMON = {
  name: null,
  tools: { allow: null, deny: [] },
  isolation: 'auto',
  startTimeoutMs: null,
  requestTimeoutMs: null,
  idleTimeoutMs: null,
} as const;
const FILES: ServiceConfig = {
  kind: 'stdio',
  command: 'npx',
  args: ['-y', 'files'],
  env: {},
  cwd: null,
  ...COMMON,
};
const REMOTE: ServiceConfig = {
  kind: 'remote',
  url: 'https://mcp.example.com/mcp',
  transport: 'detect',
  headers: {},
  timeoutMs: null,
  connectTimeoutMs: null,
  maxRetries: null,
  retryMinBackoffMs: null,
  retryMaxBackoffMs: null,
  ...COMMON,
};
const files = { command: 'npx', args: ['-y', 'files'] };
const url = 'https://mcp.example.com/mcp';

describe('forms of a service config (contract §4)', () => {
  test.each<[string, unknown, string | null]>([
    ['one server under mcpServers', { mcpServers: { files } }, 'files'],
    ['under mcpServers beside other keys', { theme: { a: 1 }, mcpServers: { files } }, 'files'],
    ['under mcp_servers', { mcp_servers: { files } }, 'files'],
    ['directly under mcpServers', { mcpServers: files }, null],
    ['nested under any other key', { files }, 'files'],
    ['nested under another list of servers', { servers: { files }, inputs: [] }, 'files'],
    ['nested as an editor does it', { mcp: { servers: { files } } }, 'files'],
    ['the bare server', files, null],
    ['a server that is named url', { mcpServers: { url: files } }, 'url'],
    ['a server that is named command', { command: files }, 'command'],
    [
      'a server with a prototype name',
      JSON.parse('{"mcpServers":{"__proto__":{"command":"npx","args":["-y","files"]}}}'),
      '__proto__',
    ],
  ])('given %s, then it is found', (_, input, name) => {
    expect(parseServiceConfig(input)).toEqual({ ...FILES, name });
  });

  test('given JSON text, then it reads as the object does', () => {
    expect(parseServiceConfigText(JSON.stringify({ mcpServers: { files } }))).toEqual({
      ...FILES,
      name: 'files',
    });
  });

  test.each(['url', 'baseUrl', 'baseurl', 'base_url', 'BASE_URL'])(
    'given the address as %s, then it is remote',
    key => {
      expect(parseServiceConfig({ [key]: url })).toEqual(REMOTE);
    },
  );

  test('given url and baseUrl, then url counts', () => {
    expect(parseServiceConfig({ baseUrl: 'http://other.example', url })).toEqual(REMOTE);
  });

  test('given every stdio field, then all arrive', () => {
    const input = {
      ...files,
      env: { KEY: 'value', constructor: 'x' },
      cwd: '/srv',
      tools: { allow: ['read'], deny: ['write'] },
      isolation: 'session',
      startTimeoutMs: 1,
      request_timeout_ms: 2,
      idleTimeoutMs: 0,
    };
    expect(parseServiceConfig(input)).toEqual({
      ...FILES,
      env: { KEY: 'value', constructor: 'x' },
      cwd: '/srv',
      tools: { allow: ['read'], deny: ['write'] },
      isolation: 'session',
      startTimeoutMs: 1,
      requestTimeoutMs: 2,
      idleTimeoutMs: 0,
    });
  });

  test.each([
    ['camelCase', { connectTimeoutSecs: 5, maxRetries: 3, retryMinBackoffMs: 100, retryMaxBackoffMs: 5000 }],
    [
      'snake_case',
      { connect_timeout_secs: 5, max_retries: 3, retry_min_backoff_ms: 100, retry_max_backoff_ms: 5000 },
    ],
    [
      'capitals',
      { CONNECT_TIMEOUT_SECS: 5, MAX_RETRIES: 3, RETRY_MIN_BACKOFF_MS: 100, RETRY_MAX_BACKOFF_MS: 5000 },
    ],
  ])('given remote fields in %s, then all arrive', (_, fields) => {
    const read = { connectTimeoutMs: 5_000, maxRetries: 3, retryMinBackoffMs: 100, retryMaxBackoffMs: 5_000 };
    expect(parseServiceConfig({ url, ...fields })).toEqual({ ...REMOTE, ...read });
  });

  test('given keys of other clients, nulls and unknown keys, then they change nothing', () => {
    const extras = {
      disabled: false,
      autoApprove: ['*'],
      alwaysAllow: [],
      timeout: 'long',
      type: 'stdio',
      env: null,
      x: 1,
    };
    expect(parseServiceConfig({ ...files, ...extras, url: null, constructor: 1 })).toEqual(FILES);
  });
});

describe('remote servers', () => {
  test.each([
    ['sse', 'sse'],
    ['SSE', 'sse'],
    ['http', 'streamable-http'],
    ['stream', 'streamable-http'],
    ['streamableHttp', 'streamable-http'],
    ['streamable-http', 'streamable-http'],
    ['STREAMABLE_HTTP', 'streamable-http'],
    ['websocket', 'detect'],
    [undefined, 'detect'],
  ])('given type %s, then the transport is %s', (type, transport) => {
    expect(parseServiceConfig({ url, type })).toEqual({ ...REMOTE, transport });
  });

  test.each<[string, object, Record<string, string>]>([
    ['authToken', { authToken: 'abc' }, { Authorization: 'Bearer abc' }],
    ['auth_token with a scheme', { auth_token: 'Bearer abc' }, { Authorization: 'Bearer abc' }],
    ['an empty authToken', { authToken: '' }, {}],
    ['a header without a scheme', { headers: { authorization: ' abc ' } }, { Authorization: 'Bearer abc' }],
    ['a header with a scheme', { headers: { Authorization: 'Basic abc=' } }, { Authorization: 'Basic abc=' }],
    [
      'both',
      { authToken: 'new', headers: { AUTHORIZATION: 'old', 'X-A': '1' } },
      { 'X-A': '1', Authorization: 'Bearer new' },
    ],
  ])('given the credentials as %s, then one Authorization header results', (_, fields, headers) => {
    expect(parseServiceConfig({ url, ...fields })).toEqual({ ...REMOTE, headers });
  });

  test('given user and password in the url, then they become a Basic header', () => {
    const config = parseServiceConfig({ url: 'https://me:p%40ss@mcp.example.com/mcp' });
    const Authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(config).toEqual({ ...REMOTE, headers: { Authorization } });
  });

  test.each([
    [0, null],
    [60, 60_000],
    [3_600, 3_600_000],
    [30_000, 30_000],
  ])('given timeout %s, then it is %s ms', (timeout, timeoutMs) => {
    expect(parseServiceConfig({ url, timeout })).toEqual({ ...REMOTE, timeoutMs });
  });
});

describe('refused configs name the field', () => {
  const under = (server: unknown) => ({ mcpServers: { files: server } });
  const many = (length: number) => Array.from({ length }, () => 'x');
  test.each<[string, unknown, string, RegExp]>([
    ['no object', 'npx', 'config', /must be an object/],
    ['a list', [files], 'config', /must be an object/],
    ['nothing inside', {}, 'config', /no server/],
    ['no server', { mcpServers: {} }, 'mcpServers', /no server/],
    ['two servers', { mcpServers: { a: files, b: files } }, 'mcpServers', /2 servers; send exactly one/],
    ['two nested servers', { a: files, b: { url } }, 'config', /2 servers/],
    ['a server that is nested too deep', { a: { b: { c: { d: { e: files } } } } }, 'config', /no server/],
    ['mcpServers that is a list', { mcpServers: [files] }, 'mcpServers', /must be an object/],
    ['a server that is text', under('npx'), 'mcpServers.files', /must be an object/],
    ['command and url', under({ ...files, url }), 'mcpServers.files', /both/],
    ['neither', under({ args: [] }), 'mcpServers.files', /neither/],
    ['an empty command', { command: ' ' }, 'command', /empty/],
    ['a command that is a list', { command: ['npx'] }, 'command', /must be a string/],
    [
      'a number among args',
      under({ command: 'npx', args: ['a', 1] }),
      'mcpServers.files.args[1]',
      /must be a string/,
    ],
    ['args as text', { command: 'npx', args: '-y' }, 'args', /list of strings/],
    ['too many args', { command: 'npx', args: many(1_025) }, 'args', /at most 1024/],
    ['NUL in the command', { command: 'np\0x' }, 'command', /NUL/],
    ['NUL in args', { command: 'npx', args: ['a\0'] }, 'args[0]', /NUL/],
    ['NUL in env', { command: 'npx', env: { A: '\0' } }, 'env.A', /NUL/],
    ['NUL in a variable name', { command: 'npx', env: { 'A\0': 'x' } }, 'env["A\\u0000"]', /variable name/],
    ['= in a variable name', { command: 'npx', env: { 'A=B': 'x' } }, 'env["A=B"]', /variable name/],
    ['NUL in cwd', { command: 'npx', cwd: '/\0' }, 'cwd', /NUL/],
    ['half a surrogate pair', { command: 'npx', args: ['\ud800'] }, 'args[0]', /surrogate/],
    ['a number in env', { command: 'npx', env: { PORT: 80 } }, 'env.PORT', /must be a string/],
    ['env as a list', { command: 'npx', env: ['A=B'] }, 'env', /object of strings/],
    [
      '__proto__ in env',
      JSON.parse('{"command":"npx","env":{"__proto__":"x"}}'),
      'env.__proto__',
      /not a usable name/,
    ],
    [
      'a disabled server',
      under({ ...files, disabled: true }),
      'mcpServers.files.disabled',
      /set it to false/,
    ],
    ['disabled as text', { ...files, disabled: 'yes' }, 'disabled', /true or false/],
    ['another scheme', { url: 'ftp://example.com' }, 'url', /http/],
    ['a relative url', { base_url: '/mcp' }, 'base_url', /absolute/],
    ['an empty url', { url: '' }, 'url', /empty/],
    ['a url that is a number', { url: 1 }, 'url', /must be a string/],
    ['a broken password', { url: 'http://a:%ff@example.com' }, 'url', /percent-encoded/],
    ['type as a number', { url, type: 1 }, 'type', /must be a string/],
    ['a line break in a header', { url, headers: { 'X-A': 'a\r\nb' } }, 'headers.X-A', /line breaks/],
    ['a header beyond Latin-1', { url, headers: { 'X-A': '你' } }, 'headers.X-A', /Latin-1/],
    ['a name that is no header', { url, headers: { 'X A': 'a' } }, 'headers["X A"]', /header name/],
    ['a header in two cases', { url, headers: { 'X-A': 'a', 'x-a': 'b' } }, 'headers.x-a', /twice/],
    ['a line break in authToken', { url, authToken: 'a\nb' }, 'authToken', /line breaks/],
    ['a negative timeout', { url, timeout: -1 }, 'timeout', /whole number/],
    ['a timeout as text', { url, timeout: '5' }, 'timeout', /whole number/],
    [
      'backoffs the wrong way round',
      { url, retryMinBackoffMs: 2, retryMaxBackoffMs: 1 },
      'retryMinBackoffMs',
      /greater/,
    ],
    ['tools as a list', { ...files, tools: ['*'] }, 'tools', /must be an object/],
    ['a misspelt tool rule', { ...files, tools: { denny: [] } }, 'tools.denny', /unknown/],
    ['an unknown isolation', { ...files, isolation: 'none' }, 'isolation', /"auto", "shared", "session"/],
    ['a start timeout of 0', { ...files, startTimeoutMs: 0 }, 'startTimeoutMs', /from 1/],
  ])('given %s', (_, input, field, problem) => {
    const error = refusalOf(() => parseServiceConfig(input));
    expect(error.field).toBe(field);
    expect(error.message).toMatch(problem);
    expect(error.message.startsWith(`${field} `)).toBe(true);
  });

  test.each([
    ['{"command": hunter2}', /not valid JSON; check/],
    ['{"command": "hunter2"', /not valid JSON at character 21; check/],
    ['{"command": "hunter2",}', /not valid JSON at character 22; check/],
  ])('given text that is not JSON: %s, then the message quotes none of it', (text, problem) => {
    const error = refusalOf(() => parseServiceConfigText(text));
    expect(error.message).toMatch(problem);
    expect(error.message).not.toContain('hunter2');
  });

  test('given more bytes than the bound, then text and object are refused alike', () => {
    const large = { command: 'npx', args: ['é'.repeat(100)] };
    const attempts = [
      () => parseServiceConfig(large, { maxBytes: 200 }),
      () => parseServiceConfigText(JSON.stringify(large), { maxBytes: 200 }),
      () =>
        parseServiceConfig({ command: 'npx', args: Array.from({ length: 3 }, () => 'x'.repeat(100_000)) }),
    ];
    for (const attempt of attempts) expect(refusalOf(attempt).message).toMatch(/must be at most \d+ bytes/);
  });
});

function refusalOf(parse: () => unknown): ConfigError {
  try {
    parse();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the config was accepted');
}
