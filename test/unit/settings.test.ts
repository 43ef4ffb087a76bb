import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type LoadOptions, loadSettings } from '../../src/config.ts';
import { SettingsError } from '../../src/settings/settings-error.ts';

/** Loads with nothing around; `file` is the content of `evergate.yaml`. */
function load(argv: readonly string[] = [], env: LoadOptions['env'] = {}, file?: string) {
  const readFile = () => {
    if (file === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return file;
  };
  const named = file === undefined ? [] : ['--config', 'evergate.yaml'];
  return loadSettings({ argv: [...named, ...argv], env, readFile });
}

function refusalOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('defaults', () => {
  test('given nothing, then the defaults of contract §6 hold', () => {
    const { settings, sources } = load();
    expect(settings).toMatchObject({
      host: '127.0.0.1',
      port: 8085,
      dataDir: './data',
      startTimeoutMs: 60_000,
      pendingWaitMs: 25_000,
      healthTtlMs: 5_000,
      probeIntervalMs: 20_000,
      probeTimeoutMs: 5_000,
      probeFailures: 3,
      stopGraceMs: 5_000,
      warmup: 'gated',
      restartCooldownMs: 30_000,
      restartCooldownMaxMs: 300_000,
      restartJitter: 0.1,
      stableAfterMs: 60_000,
      maxStartFailures: 10,
      oneShotIdleMs: 300_000,
      persistentIdleMs: 0,
      requestTimeoutMs: 300_000,
      maxBodyBytes: 20 * 1024 * 1024,
      maxConcurrentStarts: availableParallelism(),
      logLevel: 'info',
      compatHttp200: false,
      authTokens: [],
      mcpServers: [],
      config: null,
    });
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
  });
});

describe('precedence: flag > environment > file > default', () => {
  const flag = ['--port', '1'];
  const env = { EVERGATE_PORT: '2' };
  const file = 'port: 3';
  test.each([
    [1, 'flag', flag, env, file],
    [2, 'env', [], env, file],
    [3, 'file:evergate.yaml', [], {}, file],
    [8085, 'default', [], {}, 'host: localhost'],
    [1, 'flag', flag, {}, undefined],
    [2, 'env', [], env, undefined],
    [3, 'file:evergate.yaml', [], { EVERGATE_PORT: '' }, file],
    [8085, 'default', [], {}, 'port:'],
  ])('port %i comes from %s', (port, source, argv, variables, content) => {
    const { settings, sources } = load(argv, variables, content);
    expect(settings.port).toBe(port);
    expect(sources.port).toBe(source);
  });

  test('the file can be named in the environment', () => {
    const readFile = (path: string) => (path === '/etc/evergate.json' ? '{"port": 4}' : '');
    const { settings } = loadSettings({ env: { EVERGATE_CONFIG: '/etc/evergate.json' }, readFile });
    expect(settings).toMatchObject({ port: 4, config: '/etc/evergate.json' });
  });

  test.each(['', '# nothing', '{}'])('given the empty file %j, then the defaults hold', file => {
    expect(load([], {}, file).settings.port).toBe(8085);
  });
});

describe('forms of flags, variables and keys', () => {
  test.each([
    [['--restart-cooldown-ms', '5'], { restartCooldownMs: 5 }],
    [['--restart-cooldown-ms=5'], { restartCooldownMs: 5 }],
    [['--port=1', '--port=2'], { port: 2 }],
    [['--restart-jitter', '.25'], { restartJitter: 0.25 }],
    [['--restart-jitter=1'], { restartJitter: 1 }],
    [['--compat-http200'], { compatHttp200: true }],
    [['--compat-http200', '--no-compat-http200'], { compatHttp200: false }],
    [['--compat-http200=false'], { compatHttp200: false }],
    [['--allowed-hosts=a, b', '--allowed-hosts', 'c,'], { allowedHosts: ['a', 'b', 'c'] }],
    [['--warmup', 'lazy', '--log-level', 'silent'], { warmup: 'lazy', logLevel: 'silent' }],
  ])('flags %j', (argv, expected) => {
    expect(load(argv).settings).toMatchObject(expected);
  });

  test('variables', () => {
    const env = {
      EVERGATE_RESTART_COOLDOWN_MS: '5',
      EVERGATE_COMPAT_HTTP200: '1',
      EVERGATE_ALLOWED_HOSTS: 'a,b',
    };
    expect(load([], env).settings).toMatchObject({
      restartCooldownMs: 5,
      compatHttp200: true,
      allowedHosts: ['a', 'b'],
    });
  });

  test('variables of the client commands, of a backend of another gateway and of others are left alone', () => {
    const client = { EVERGATE_URL: 'http://localhost:1', EVERGATE_TOKEN: 'x' };
    const env = { ...client, EVERGATE_TREE: 'instance/tree', PORT: '1', PATH: '/bin' };
    expect(load([], env).settings.port).toBe(8085);
  });

  test('hosts may be names and addresses, each with a port or without', () => {
    const hosts = [
      'gateway',
      'Gate_1.example.com:8443',
      'xn--mller-kva.example.',
      '10.0.0.1:1',
      '::1',
      '[fd00::1]:80',
    ];
    expect(load(['--allowed-hosts', hosts.join(',')]).settings.allowedHosts).toEqual(hosts);
  });

  test.each([
    'restartCooldownMs: 5\ncompatHttp200: true\nallowedHosts: [a, b]\n',
    '{\n\t"restartCooldownMs": 5, "compatHttp200": true, "allowedHosts": "a,b"}',
  ])('file %j', file => {
    expect(load([], {}, file).settings).toMatchObject({
      restartCooldownMs: 5,
      compatHttp200: true,
      allowedHosts: ['a', 'b'],
    });
  });
});

describe('what is wrong is named, with the nearest known name', () => {
  test.each<[string, readonly string[], Record<string, string>, string | undefined, RegExp]>([
    ['an unknown flag', ['--prot', '1'], {}, undefined, /^flag --prot is unknown; .* --port$/],
    ['an unknown flag with a value', ['--tokn=hunter2'], {}, undefined, /^flag --tokn is unknown/],
    [
      'no for a flag that is no boolean',
      ['--no-port'],
      {},
      undefined,
      /^flag --no-port is unknown; .* --port$/,
    ],
    ['an unknown short flag', ['-p', '1'], {}, undefined, /^flag -p is unknown/],
    ['an argument', ['hunter2'], {}, undefined, /belongs to no flag/],
    ['a value for a boolean apart', ['--compat-http200', 'false'], {}, undefined, /belongs to no flag/],
    ['a flag without value', ['--port'], {}, undefined, /^--port needs a value: a whole number/],
    ['a flag before another', ['--host', '--port'], {}, undefined, /^--host needs a value/],
    [
      'a wrong flag value',
      ['--port', '65536'],
      {},
      undefined,
      /^--port must be a whole number from 0 to 65535$/,
    ],
    ['a flag value with a unit', ['--port', '80a'], {}, undefined, /^--port must be/],
    ['an empty flag value', ['--host='], {}, undefined, /^--host must be/],
    ['an empty file name', ['--config='], {}, undefined, /^--config must be/],
    ['the servers as a flag', ['--mcp-servers', '{}'], {}, undefined, /^flag --mcp-servers is unknown/],
    [
      'a port that Kubernetes made of a service',
      [],
      { EVERGATE_PORT: 'tcp://10.0.0.7:8085' },
      undefined,
      /^EVERGATE_PORT is a service link of Kubernetes, no setting; put "enableServiceLinks: false"/,
    ],
    [
      'any other variable that it made of one',
      [],
      { EVERGATE_PORT_8085_TCP_PROTO: 'tcp' },
      undefined,
      /^EVERGATE_PORT_8085_TCP_PROTO is a service link of Kubernetes/,
    ],
    [
      'an unknown variable',
      [],
      { EVERGATE_RESTART_COOLDOWN: '1' },
      undefined,
      /^environment variable EVERGATE_RESTART_COOLDOWN is unknown; .* EVERGATE_RESTART_COOLDOWN_MS$/,
    ],
    [
      'a wrong variable',
      [],
      { EVERGATE_WARMUP: 'hot' },
      undefined,
      /^EVERGATE_WARMUP must be one of gated, lazy$/,
    ],
    [
      'a wrong boolean',
      [],
      { EVERGATE_COMPAT_HTTP200: 'yes' },
      undefined,
      /^EVERGATE_COMPAT_HTTP200 must be true or false$/,
    ],
    [
      'an unknown key',
      [],
      {},
      'restart-cooldown-ms: 1',
      /^evergate.yaml: key restart-cooldown-ms is unknown; .* restartCooldownMs$/,
    ],
    ['a wrong key', [], {}, 'port: "80"', /^evergate.yaml: port must be a whole number/],
    [
      'more than the whole',
      ['--restart-jitter', '1.1'],
      {},
      undefined,
      /^--restart-jitter must be a number from 0 to 1$/,
    ],
    ['a fraction in words', ['--restart-jitter', '1e-1'], {}, undefined, /^--restart-jitter must be/],
    [
      'a fraction as a text',
      [],
      {},
      'restartJitter: "0.1"',
      /^evergate.yaml: restartJitter must be a number/,
    ],
    [
      'a fraction that is none',
      [],
      {},
      'restartJitter: .nan',
      /^evergate.yaml: restartJitter must be a number/,
    ],
    ['a fraction', [], {}, 'port: 1.5', /^evergate.yaml: port must be a whole number/],
    [
      'a list of numbers',
      [],
      {},
      'allowedHosts: [1]',
      /^evergate.yaml: allowedHosts must be a list of texts/,
    ],
    [
      'a range that is too long',
      [],
      {},
      'trustedProxies: [10.0.0.0/33]',
      /^evergate.yaml: trustedProxies entry 1 must be an IP address or a range/,
    ],
    [
      'a name for a proxy',
      ['--trusted-proxies', '10.0.0.1,::1/64,proxy'],
      {},
      undefined,
      /^--trusted-proxies entry 3 must/,
    ],
    [
      'a URL for a host',
      ['--allowed-hosts', 'ok.example,http://foo.example'],
      {},
      undefined,
      /^--allowed-hosts entry 2 must be a host name or address, .*: no scheme, no path/,
    ],
    [
      'a star for a host',
      [],
      {},
      'allowedHosts: ["*.example.com"]',
      /^evergate.yaml: allowedHosts entry 1 must be/,
    ],
    [
      'letters that no Host header has',
      [],
      { EVERGATE_ALLOWED_HOSTS: 'müller.example' },
      undefined,
      /^EVERGATE_ALLOWED_HOSTS entry 1 must be .* punycode$/,
    ],
    ['a port that is none', ['--allowed-hosts', 'a:65536'], {}, undefined, /^--allowed-hosts entry 1 must/],
    [
      'a text for a boolean',
      [],
      {},
      'compatHttp200: "true"',
      /^evergate.yaml: compatHttp200 must be true or false/,
    ],
    [
      'a file that names a file',
      [],
      {},
      'config: other.yaml',
      /^evergate.yaml: config cannot be set in the file/,
    ],
    ['a key with a prototype name', [], {}, '__proto__: 1', /^evergate.yaml: key __proto__ is unknown/],
    ['a file that is a list', [], {}, '- port', /^evergate.yaml must hold an object/],
    [
      'a key given twice',
      [],
      {},
      '{"port": 1,\n"port": 2}',
      /^evergate.yaml:2:1 is not valid JSON or YAML \(DUPLICATE_KEY\)/,
    ],
    ['a broken file', [], {}, 'authTokens: ["hunter2', /^evergate.yaml:1:\d+ is not valid JSON or YAML/],
    ['an alias without anchor', [], {}, 'authTokens: *hunter2', /^evergate.yaml is not valid/],
    [
      'a file that is not there',
      ['--config', 'nowhere.yaml'],
      {},
      undefined,
      /^config: nowhere.yaml cannot be read \(ENOENT\)/,
    ],
    [
      'cooldowns the wrong way round',
      ['--restart-cooldown-ms', '300001'],
      {},
      undefined,
      /^restartCooldownMaxMs must not be less/,
    ],
    [
      'directories without commands',
      ['--allowed-directories', '/srv'],
      {},
      undefined,
      /^allowedDirectories is set, but allowedCommands is not: set it, too/,
    ],
    [
      'a directory that is no full path',
      ['--allowed-commands', 'uvx', '--allowed-directories', '/srv,work'],
      {},
      undefined,
      /^--allowed-directories entry 2 must be a full path/,
    ],
  ])('given %s', (_, argv, env, file, message) => {
    const refusal = refusalOf(() => load(argv, env, file));
    expect(refusal).toMatch(message);
    expect(refusal).not.toContain('hunter2');
  });
});

describe('OAuth', () => {
  const issuer = ['--oauth-issuer', 'https://login.example/tenant'];

  test('given an issuer, then the rest has defaults', () => {
    expect(load(issuer).settings).toMatchObject({
      oauthIssuer: 'https://login.example/tenant',
      oauthJwksUrl: null,
      publicUrl: null,
      oauthAudiences: [],
      oauthAlgorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      oauthClockSkewMs: 30_000,
    });
  });

  test('given scopes, then each says what it grants', () => {
    expect(load(['--oauth-scopes', 'mcp:use=call+view, a=b=manage']).settings.oauthScopes).toEqual([
      { name: 'mcp:use', scopes: ['call', 'view'] },
      { name: 'a=b', scopes: ['manage'] },
    ]);
  });

  test('given an issuer and a public URL, then it may listen beyond loopback', () => {
    const flags = [...issuer, '--host', '0.0.0.0', '--public-url', 'https://mcp.example.com/'];
    expect(load(flags).settings.publicUrl).toBe('https://mcp.example.com');
  });

  test.each([
    [['--oauth-issuer', 'http://login.example'], /--oauth-issuer must be an https URL/],
    [['--oauth-issuer', 'login'], /--oauth-issuer must be an https URL/],
    [[...issuer, '--oauth-algorithms', 'HS256'], /--oauth-algorithms must be a list of RS256/],
    [[...issuer, '--oauth-algorithms', 'none'], /--oauth-algorithms must be a list of RS256/],
    [[...issuer, '--oauth-scopes', 'call'], /--oauth-scopes entry 1 must have the form name=scopes/],
    [[...issuer, '--oauth-scopes', 'x="=call'], /--oauth-scopes entry 1 must have the form/],
    [[...issuer, '--oauth-scopes', 'x=all'], /--oauth-scopes entry 1 has an unknown scope/],
    [[...issuer, '--oauth-clock-skew-ms', '300001'], /--oauth-clock-skew-ms must be/],
    [
      [...issuer, '--public-url', 'https://mcp.example.com/path'],
      /--public-url must be an http or https URL/,
    ],
    [[...issuer, '--public-url', 'ftp://mcp.example.com'], /--public-url must be an http or https URL/],
    [[...issuer, '--host', '0.0.0.0'], /^oauthIssuer needs publicUrl/],
    [['--oauth-jwks-url', 'https://login.example/keys'], /^oauthJwksUrl is set, but oauthIssuer is not/],
    [['--oauth-audiences', 'x'], /^oauthAudiences is set, but oauthIssuer is not/],
  ])('given %j, then it is refused', (flags, problem) => {
    expect(refusalOf(() => load(flags))).toMatch(problem);
  });
});

describe('listening beyond loopback needs authentication', () => {
  test.each(['0.0.0.0', '::', '192.168.1.2', 'gateway.example', '127.example', '128.0.0.1'])(
    'given %s',
    host => {
      expect(refusalOf(() => load(['--host', host]))).toMatch(
        /set authTokens.*dangerouslyAllowUnauthenticated/,
      );
      expect(load(['--host', host, '--auth-tokens', 'ci:call:secret']).settings.host).toBe(host);
      expect(load(['--host', host, '--dangerously-allow-unauthenticated']).settings.host).toBe(host);
    },
  );

  test.each(['127.0.0.1', '127.1.2.3', '::1', '[::1]', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1'])(
    'given loopback %s, then none is needed',
    host => {
      expect(load(['--host', host]).settings.host).toBe(host);
    },
  );
});
