/** A property: no secret of a config leaves the gateway, whatever the backend does with it and wherever one looks. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gatewayArgv } from '../../support/gateway-build.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGatewayWith,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { configHeader, initialize, untilState } from '../../support/http-client.ts';
import { BOTH } from '../../support/mcp-client.ts';
import { TellingRemote, WAYS } from '../../support/telling-remote.ts';

const ref = (name: string) => `\${${name}}`;
const ROOT = new URL('../../..', import.meta.url).pathname;
const SERVER = join(ROOT, 'test/fixtures/blabbing-server.mjs');
const [FROM_VARIABLE, FROM_FILE] = ['variable-9c1f', 'file-77ab"\\ é'];

const dataDir = temporaryDirectory();
const secretsDir = join(dataDir, 'secrets');
const remote = new TellingRemote();
let remoteHost = '';
let gateway: RunningGateway;
/** All that the gateway has answered. */
let answers = '';
let lives = 0;
const planted = new Set<string>([FROM_VARIABLE, FROM_FILE]);

beforeAll(async () => {
  remoteHost = await remote.start();
  mkdirSync(secretsDir);
  writeFileSync(join(secretsDir, 'token'), `${FROM_FILE}\n`);
  const flags = ['--log-level=trace', '--max-start-failures=1', `--secrets-dir=${secretsDir}`];
  gateway = await startGatewayWith({ MCP_SECRET_X: FROM_VARIABLE }, join(dataDir, 'data'), ...flags);
});
afterAll(async () => {
  await gateway.end('SIGTERM');
  remote.stop();
  removeDirectory(dataDir);
});

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: object) {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { accept: BOTH, 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  answers += `\n${method} ${path} ${response.status} ${JSON.stringify([...response.headers])} ${text}`;
  return { headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : null };
}

/** A whole life of a service, asked about at every door. @param call what ends it, where it came up */
async function live(server: object, call?: object): Promise<void> {
  const id = `s${++lives}`;
  const data = `/mcp/stream/proxy/${id}`;
  const look = async () => {
    const paths = [`/mcp/check/status/${id}`, `/api/v1/services/${id}`, '/api/v1/services', '/metrics'];
    for (const path of paths) await ask('GET', path);
  };
  await ask('POST', '/mcp/stream/check_status', {}, { mcpId: id, mcpJsonConfig: server });
  const config = { 'x-mcp-json': configHeader(server) };
  const session = (await ask('POST', data, config, initialize)).headers.get('mcp-session-id');
  await look();
  if (session !== null) {
    // What tools there are is recorded a moment after the start.
    while (call !== undefined && (await ask('GET', `/api/v1/services/${id}`)).body.data.tools === null);
    if (call !== undefined) await ask('POST', data, { 'mcp-session-id': session }, call);
    await ask('POST', `/api/v1/services/${id}/stop`);
  }
  await untilState(gateway.url, id, /^Ended/);
  await ask('POST', data, {}, initialize);
  await ask('PUT', `/api/v1/services/${id}`, {}, { type: 'OneShot', config: { ...server, timeout: 'soon' } });
  await look();
  await ask('DELETE', `/mcp/config/delete/${id}`);
}

/** The spellings in which a text that holds it could have it. */
function spellings(secret: string): string[] {
  const plain = secret.replaceAll(/\p{Cf}/gu, '\uFFFD');
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), plain];
}

function expectHidden(where: string, text: string): void {
  for (const secret of planted) {
    for (const spelling of spellings(secret)) {
      const at = text.indexOf(spelling);
      if (at !== -1)
        expect.fail(`${where} shows ${spelling}: …${text.slice(Math.max(0, at - 300), at + 80)}`);
    }
  }
}

const CRASH = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'crash' } };

/** Unlike any other text, and awkward to recognise; without what no argument or header can carry. */
const secretOf = (alphabet: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.nat({ max: 0xffff_ffff }), fc.string({ unit: alphabet, maxLength: 60 }))
    .map(([start, rest]) => `${start.toString(16).padStart(8, '0')}${rest.replaceAll(/[\0\p{Cs}]/gu, '')}z`);
const any = secretOf(
  fc.oneof(
    fc.constantFrom(...'"\\%&=$ /:@|<\'\u200d\u202e\u00e9'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
);
const visible = secretOf(fc.constantFrom(...'"\\%&=$/:@|<\'abcXYZ0123456789+~.'));

const stdio = fc
  .record({
    mode: fc.constantFrom('exit', 'garbage', 'refuse', 'version', 'introduce'),
    secrets: fc.tuple(any, any, any, any, visible),
  })
  .map(({ mode, secrets: [inEnv, inFlag, afterFlag, assigned, password] }) => ({
    secrets: [inEnv, inFlag, afterFlag, assigned, password],
    server: {
      command: process.execPath,
      args: [
        ...[SERVER, mode, `--api-key=${inFlag}`, '--token', afterFlag, `DB_PASSWORD=${assigned}`],
        ...[`postgres://me:${encodeURIComponent(password)}@localhost/db`, ref('env:MCP_SECRET_X')],
      ],
      env: { KEY: inEnv, FILE: ref('file:token'), BOTH: `x-${ref('env:MCP_SECRET_X')}` },
    },
  }));

const remotely = fc
  .record({
    way: fc.constantFrom(...Object.keys(WAYS)),
    secrets: fc.tuple(visible, visible, visible, visible),
  })
  .map(({ way, secrets: [inHeader, token, inQuery, password] }) => ({
    way,
    secrets: [inHeader, inQuery, password, token],
    url: `/mcp?key=${encodeURIComponent(inQuery)}&\${env:MCP_SECRET_X}`,
    headers: { 'X-Api-Key': inHeader, 'X-Ref': ref('env:MCP_SECRET_X') },
    credentials: { token, password: encodeURIComponent(password) },
  }));

it('secrets are in no answer, no log line, no record, no export: stdio backends that tell all they know', async () => {
  await fc.assert(
    fc.asyncProperty(stdio, async ({ secrets, server }) => {
      for (const secret of secrets) planted.add(secret);
      await live(server, CRASH);
      expectHidden('an answer', answers);
      expectHidden('the log', gateway.log());
    }),
    { numRuns: 15, endOnFailure: true },
  );
}, 300_000);

it('secrets are in no answer, no log line, no record, no export: remote servers that tell all they are sent', async () => {
  await fc.assert(
    fc.asyncProperty(remotely, async ({ way, secrets, url, headers, credentials }) => {
      for (const secret of secrets) planted.add(secret);
      remote.way = way;
      const type = { type: 'http', maxRetries: 0 };
      await live({ ...type, url: `http://${remoteHost}${url}`, headers, authToken: credentials.token });
      await live({ ...type, url: `http://me:${credentials.password}@${remoteHost}${url}`, headers });
      expectHidden('an answer', answers);
      expectHidden('the log', gateway.log());
    }),
    { numRuns: 10, endOnFailure: true },
  );
}, 300_000);

it('nor in what the log commands print of the records', () => {
  const run = (...argv: string[]) =>
    execFileSync(process.execPath, [...gatewayArgv(), 'log', ...argv, '--data-dir', join(dataDir, 'data')], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
  const exported = run('export');
  expect(exported).toContain('"start failed"');
  expectHidden('log export', exported);
  expectHidden('log tail', run('tail', '--lines', '1000'));
});
