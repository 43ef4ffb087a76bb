/** What backends say of themselves is theirs to choose: none of it may end the gateway, or be kept without a bound. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { checkStatus, knock, untilState } from '../../support/http-client.ts';

const SERVER = new URL('../../fixtures/odd-server.mjs', import.meta.url).pathname;
const odd = (oddity: string, env: Record<string, string> = {}) => ({
  command: process.execPath,
  args: [SERVER, oddity],
  env,
});

interface Shown {
  readonly server: { readonly name: string; readonly version: string } | null;
  readonly tools: readonly { readonly name: string }[] | null;
}

let dataDir: string;
let gateway: RunningGateway;
beforeAll(async () => {
  dataDir = temporaryDirectory();
  gateway = await startGateway(dataDir, '--max-start-failures', '1');
});
afterAll(async () => {
  await gateway.end('SIGTERM');
  removeDirectory(dataDir);
});

const shown = async (id: string) => {
  const response = await fetch(`${gateway.url}/api/v1/services/${id}`);
  return ((await response.json()) as { readonly data: Shown }).data;
};
const listed = async (id: string) => (await shown(id)).tools?.map(({ name }) => name);

describe('given a service that is up', () => {
  it.each([
    ['a number', { TIMEOUT: '300000' }],
    ['JSON', { CREDENTIALS: '{"type":"object"}', KIND: '"type":"object"' }],
    ['the name of a capability', { FEATURES: 'prompts' }],
    ['the protocol version', { PROTOCOL: '2025-06-18' }],
  ])('when a variable of its config is %s, then its tools are recorded all the same', async (what, env) => {
    const id = `variable is ${what}`;
    await checkStatus(gateway.url, id, odd('nothing odd', env), 'Persistent');
    await untilState(gateway.url, id, /^Ready/);
    await expect.poll(() => listed(id)).toEqual(['wait']);
    const { status, body } = await knock(gateway.url, id);
    expect(status).toBe(200);
    const { result } = body as unknown as { result: { protocolVersion: string; capabilities: object } };
    expect(result.protocolVersion).toBe('2025-06-18');
    expect(Object.keys(result.capabilities)).toEqual(['tools', 'prompts']);
  });

  it.each([
    ['a tool nested deeply', 'odd'],
    ['deep capabilities', 'odd'],
    ['a name that is no text', ''],
    ['a name of 200,000 characters', 'n'.repeat(128)],
  ])('when it has %s, then it is shown and serves (invariants 8, 10)', async (oddity, name) => {
    await checkStatus(gateway.url, oddity, odd(oddity), 'Persistent');
    await untilState(gateway.url, oddity, /^Ready/);
    await expect.poll(() => listed(oddity)).toEqual(['wait']);
    expect((await shown(oddity)).server).toEqual({ name, version: '1' });
    expect((await knock(gateway.url, oddity)).status).toBe(200);
  });
});

it('given a server whose answer to initialize has 20 MB, then the start fails and says why (invariant 10)', async () => {
  const oddity = 'a name of 20 MB';
  await checkStatus(gateway.url, oddity, odd(oddity), 'Persistent');
  const { lastError } = await untilState(gateway.url, oddity, /^Ended/);
  expect(lastError).toMatch(
    /answered initialize with \d+ characters; at most 1048576 are taken|more than \d+ bytes/,
  );
});
