import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { checkCommand } from '../../../src/commands/remote/check.ts';
import { convertCommand } from '../../../src/commands/remote/convert.ts';
import { detectCommand } from '../../../src/commands/remote/detect.ts';
import { runCommandLine } from '../../../src/commands/run.ts';
import { EventQueue } from '../../support/event-queue.ts';
import { gatewayArgv } from '../../support/gateway-build.ts';
import { type RemoteProcess, startDual, startEverything } from '../../support/remote-process.ts';
import { type Answer, RemoteServer, speakHttpSse, status } from '../../support/remote-server.ts';

const NOBODY = 'http://127.0.0.1:9/mcp';
const TOKEN = 'sesame-open';

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const said = { out: '', err: '' };
  const terminal = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
  };
  const commands = [checkCommand({ env }), detectCommand({ env }), convertCommand({ env })];
  return { code: await runCommandLine(argv, commands, terminal), ...said };
}

describe('evergate check and detect, with real servers', () => {
  let streamable: RemoteProcess;
  let sse: RemoteProcess;
  let dual: RemoteProcess;

  beforeAll(async () => {
    [streamable, sse, dual] = await Promise.all([
      startEverything('streamableHttp'),
      startEverything('sse'),
      startDual(),
    ]);
  });
  afterAll(() => Promise.all([streamable, sse, dual].map(each => each.end())));

  it('given one that answers, then check says so and exits with 0', async () => {
    const { code, out, err } = await run(['check', `${streamable.origin}/mcp`]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^ok: mcp-servers\/everything \S+, MCP 2025-11-25, \d+ tools, \d+ ms\n$/);
  });

  it.each([
    ['Streamable HTTP', () => `${streamable.origin}/mcp`, 'streamable-http', ['legacy']],
    ['HTTP+SSE', () => `${sse.origin}/sse`, 'sse', ['legacy']],
    ['both eras', () => `${dual.origin}/mcp`, 'streamable-http', ['legacy', 'modern']],
  ])('given one that speaks %s, then detect finds it out', async (_, url, transport, eras) => {
    const { code, out } = await run(['detect', url(), '--json']);
    expect(code).toBe(0);
    const found = JSON.parse(out);
    expect(found.transport).toBe(transport);
    expect(found.eras.map(({ era }: { era: string }) => era)).toEqual(eras);
    expect((await run(['detect', url()])).out).toMatch(new RegExp(`^${transport}, MCP 20`));
  });
});

describe('evergate check and detect', () => {
  it('given a server that answers with escape sequences, then they do nothing to the terminal, and JSON has them as they are', async () => {
    const server = await RemoteServer.start();
    const message = 'no\u001b[2J\u202e\nevergate: all is well';
    server.answers.set('tools/list', ({ message: { id }, response }) => {
      const refused = JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32603, message } });
      response.setHeader('content-type', 'application/json').end(refused);
    });
    const { code, out, err } = await run(['check', server.url]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^evergate: the server refused tools\/list: no[ -~]+\n$/);
    const { error } = JSON.parse((await run(['check', server.url, '--json'])).out);
    expect(error).toContain(message);
  });

  it.each(['check', 'detect'])(
    'given nobody there, then %s exits with 1 and says what to do',
    async command => {
      const { code, out, err } = await run([command, NOBODY]);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/cannot be reached \(ECONNREFUSED\); check the url/);
      const { out: json } = await run([command, NOBODY, '--json']);
      expect(JSON.parse(json).error).toContain('ECONNREFUSED');
    },
  );

  it.each([
    [['check'], 'check needs the url of an MCP server'],
    [['check', NOBODY, 'more'], '"more" is one too many'],
    [['detect', 'ftp://example.com'], 'url must start with http:// or https://'],
    [['detect', NOBODY, '--type', 'carrier-pigeon'], '--type must be sse or streamable-http'],
    [['check', NOBODY, '--header', 'nonsense'], '--header must be "Name: value"'],
    [['check', NOBODY, '--header', 'X-Key: €'], '--header X-Key must not contain line breaks'],
    [['check', NOBODY, '--token', '€'], '--token must not contain line breaks'],
    [['check', NOBODY, '--timeout-ms', '0'], '--timeout-ms must be a whole number'],
    [['check', NOBODY, '--allow-tools', 'a'], "Unknown option '--allow-tools'"],
  ])('given %j, then it is told how to call it, with exit code 2', async (argv, message) => {
    const { code, err } = await run(argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it.each([checkCommand(), detectCommand(), convertCommand()])(
    'given the help of $name, then every flag in it is taken',
    async command => {
      const flags = command.help([]).match(/^ {2}--[a-z-]+(?: <.*?>)?/gm) ?? [];
      expect(flags.length).toBeGreaterThan(4);
      for (const flag of flags) {
        const { code, err } = await run([command.name, ...flag.trim().split(' ')]);
        expect([code, err]).toEqual([2, expect.stringContaining(`${command.name} needs the url`)]);
      }
    },
  );

  it.each<[string, Answer, string, string[]]>([
    ['wants credentials', status(401), 'it wants credentials: give it --token or --header', []],
    ['refuses credentials', status(403), 'check --token and --header, and what they allow', []],
    ['takes no POST', status(405), 'check the path of the url, and --type', ['--type', 'streamable-http']],
    ['says nothing', () => {}, 'raise --timeout-ms if it needs longer', ['--timeout-ms', '50']],
  ])(
    'given a server that %s, then the advice names flags, and nothing that only a config has',
    async (_what, answer, advice, flags) => {
      const server = await RemoteServer.start();
      for (const method of ['initialize', 'server/discover']) server.answers.set(method, answer);
      for (const command of ['check', 'detect']) {
        const { code, err } = await run([command, server.url, ...flags]);
        expect([code, err]).toEqual([1, expect.stringContaining(advice)]);
        expect(err).not.toMatch(/config|TimeoutMs|authToken/);
      }
    },
  );

  it('given a server that refuses without the token, then the token is sent, and shown nowhere', async () => {
    const server = await RemoteServer.start();
    server.answers.set('initialize', status(401));
    const { code, out, err } = await run(['check', server.url, '--token', TOKEN]);
    expect(code).toBe(1);
    expect(out + err).toContain('401');
    expect(out + err).not.toContain(TOKEN);
    expect(server.of('initialize')[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it("given the gateway's token in the environment, then it goes to the gateway's origin alone", async () => {
    const [gateway, other] = [await RemoteServer.start(), await RemoteServer.start()];
    const env = { EVERGATE_URL: gateway.origin, EVERGATE_TOKEN: TOKEN };
    for (const { url } of [gateway, other]) await run(['check', url], env);
    expect(gateway.of('initialize')[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(other.of('initialize')[0]?.headers.authorization).toBeUndefined();
  });
});

interface Reply {
  readonly id: unknown;
  readonly result?: { readonly method?: string; readonly tools?: readonly { readonly name: string }[] };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** The bridge as a process, introduced; it is gone when the test is over. */
async function bridgeProcess(server: RemoteServer) {
  const child = spawn(process.execPath, [...gatewayArgv(), 'convert', server.url], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const lines = new EventQueue<string>();
  createInterface(child.stdout).on('line', line => lines.push(line));
  const reply = async (): Promise<Reply> => JSON.parse(await lines.next());
  let err = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    err += text;
  });
  const say = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  say({ id: 0, method: 'initialize', params: INITIALIZE });
  await reply();
  say({ method: 'notifications/initialized' });
  await server.next('notifications/initialized');
  return { process: child, say, reply, exited, said: () => err };
}

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
};

/** The bridge in this process, with a client that speaks by hand. */
function bridge(url: string, ...flags: string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const replies = new EventQueue<Reply>();
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) replies.push(JSON.parse(line));
  });
  const said = { err: '' };
  const terminal = {
    out: () => {},
    err: (text: string) => {
      said.err += text;
    },
  };
  const command = convertCommand({ input, output, env: {} });
  const ended = runCommandLine(['convert', url, ...flags], [command], terminal);
  onTestFinished(async () => {
    input.end();
    await ended;
  });
  const say = (message: object) => input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const introduce = async () => {
    say({ id: 0, method: 'initialize', params: INITIALIZE });
    expect((await replies.next()).id).toBe(0);
    say({ method: 'notifications/initialized' });
  };
  return { say, introduce, replies, said, ended, input };
}

describe('evergate convert', () => {
  it('given a real client and a real server, then tools are listed and called over stdio, within the filter', async () => {
    const server = await startEverything('streamableHttp');
    onTestFinished(() => server.end());
    const client = new Client({ name: 'test', version: '1.0.0' });
    const args = [...gatewayArgv(), 'convert', `${server.origin}/mcp`, '--allow-tools', 'e*'];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo']);
    const called = await client.callTool({ name: 'echo', arguments: { message: 'hello' } });
    expect(called.content).toEqual([{ type: 'text', text: 'Echo: hello' }]);
    await expect(client.callTool({ name: 'get-sum', arguments: { a: 1, b: 2 } })).rejects.toThrow(
      'Unknown tool: get-sum',
    );
    await client.close();
  });

  it('given a server that forgets the session, then the client does not notice', async () => {
    const server = await RemoteServer.start();
    const { say, introduce, replies } = bridge(server.url);
    await introduce();
    server.sessions.clear();
    say({ id: 'a', method: 'prompts/list' });
    expect(await replies.next()).toMatchObject({ id: 'a', result: { method: 'prompts/list' } });
    expect(server.of('initialize')).toHaveLength(2);
  });

  it('given one that forgets the session and then the handshake, then that is given up in time, and the request is answered', async () => {
    const server = await RemoteServer.start();
    const { say, introduce, replies } = bridge(server.url, '--timeout-ms', '500');
    await introduce();
    server.sessions.clear();
    server.answers.set('initialize', () => server.answers.delete('initialize'));
    say({ id: 'a', method: 'prompts/list' });
    expect(await replies.next()).toMatchObject({ id: 'a', result: { method: 'prompts/list' } });
    expect(server.of('initialize').length).toBeGreaterThan(2);
  });

  it('given a server that dies under a call, then the call ends as possibly delivered, and the next one is answered (invariant 3)', async () => {
    const server = await RemoteServer.start();
    server.keepAlive = false;
    const { say, introduce, replies } = bridge(server.url);
    await introduce();
    server.answers.set('tools/call', () => {});
    say({ id: 1, method: 'tools/call', params: { name: 'x' } });
    await server.next('tools/call');
    await server.stop();
    expect(await replies.next()).toMatchObject({ id: 1, error: { code: -32015, data: { delivered: true } } });
    await server.listen();
    say({ id: 2, method: 'prompts/list' });
    expect(await replies.next()).toMatchObject({ id: 2, result: { method: 'prompts/list' } });
    expect(server.of('tools/call')).toHaveLength(1);
  });

  it('given an HTTP+SSE server, then messages pass both ways', async () => {
    const server = await RemoteServer.start();
    const { say: serverSays } = speakHttpSse(server);
    const { say, introduce, replies } = bridge(server.url, '--type', 'sse');
    await introduce();
    say({ id: 1, method: 'ping' });
    expect(await replies.next()).toMatchObject({ id: 1 });
    serverSays({ jsonrpc: '2.0', id: 'q', method: 'roots/list' });
    expect(await replies.next()).toMatchObject({ id: 'q', method: 'roots/list' });
  });

  it('given nobody there, then every request gets an error that says it was not delivered', async () => {
    const { say, replies } = bridge(NOBODY);
    say({ id: 1, method: 'initialize', params: {} });
    expect(await replies.next()).toMatchObject({ id: 1, error: { data: { delivered: false } } });
  });

  it.each([
    ['no JSON', 'nonsense', -32700],
    ['no message', '{"jsonrpc":"2.0"}', -32600],
  ])('given a line that is %s, then the client is told', async (_, line, code) => {
    const { input, replies } = bridge(NOBODY);
    input.write(`${line}\n`);
    expect(await replies.next()).toMatchObject({ id: null, error: { code } });
  });

  it('given stdin that ends, then what is under way is answered before it exits with 0', async () => {
    const server = await RemoteServer.start();
    const { say, introduce, replies, ended, input } = bridge(server.url);
    await introduce();
    const answers = server.answers;
    answers.set('prompts/list', exchange => {
      answers.delete('prompts/list');
      input.end();
      input.once('close', () =>
        exchange.response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { method: 'late' } })),
      );
    });
    say({ id: 1, method: 'prompts/list' });
    expect(await replies.next()).toMatchObject({ id: 1, result: { method: 'late' } });
    expect(await ended).toBe(0);
    expect(server.of('DELETE')).toHaveLength(1);
  });

  describe('as a process', () => {
    it.each([
      ['SIGTERM', 'open'],
      ['SIGINT', 'open'],
      ['SIGTERM', 'closed'],
    ] as const)(
      'given %s while stdin is %s, then what is under way gets its outcome, the session ends, and the exit code is 0',
      async (signal, stdin) => {
        const server = await RemoteServer.start();
        const child = await bridgeProcess(server);
        server.answers.set('tools/call', () => {});
        child.say({ id: 1, method: 'tools/call', params: { name: 'x' } });
        await server.next('tools/call');
        if (stdin === 'closed') child.process.stdin.end();
        child.process.kill(signal);
        const outcome = { id: 1, error: { code: -32015, data: { delivered: true } } };
        expect(await child.reply()).toMatchObject(outcome);
        expect(await child.exited).toEqual([0, null]);
        expect(child.said()).toBe(`evergate: got ${signal}; ending\n`);
        expect(server.of('DELETE')).toHaveLength(1);
      },
    );

    it('given stdout that the client has closed, then it ends with exit code 1 once it has something to say', async () => {
      const server = await RemoteServer.start();
      const child = await bridgeProcess(server);
      child.process.stdout.destroy();
      await once(child.process.stdout, 'close');
      child.say({ id: 1, method: 'prompts/list' });
      expect(await child.exited).toEqual([1, null]);
      expect(child.said()).toBe('evergate: the client has closed stdout; ending\n');
    });

    it('given a client that does not read, then it ends with exit code 1, and leaves what is unwritten', async () => {
      const server = await RemoteServer.start();
      const child = await bridgeProcess(server);
      child.process.stdout.pause();
      const padding = 'x'.repeat(8 * 1024 * 1024);
      server.answers.set('prompts/list', ({ message: { id }, response }) => {
        const text = JSON.stringify({ jsonrpc: '2.0', id, result: { padding } });
        response.setHeader('content-type', 'application/json').end(text);
      });
      for (let id = 1; id <= 10; id++) child.say({ id, method: 'prompts/list' });
      expect(await child.exited).toEqual([1, null]);
      expect(child.said()).toBe('evergate: the client does not read what it is sent; ending\n');
    });
  });
});
