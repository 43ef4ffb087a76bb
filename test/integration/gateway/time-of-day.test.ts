import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGatewayWith,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { callTool, configHeader, knock, tinyServer } from '../../support/http-client.ts';

const PRELOAD = new URL('../../fixtures/time-of-day.mjs', import.meta.url).href;
const TIMEOUT_MS = 3_000;
/** Less than the hour by which it is set back. */
const PATIENCE_MS = 40_000;

describe('a gateway whose time of day is set back while a call is under way', () => {
  let dataDir: string;
  let gateway: RunningGateway;

  beforeEach(async () => {
    dataDir = temporaryDirectory();
    const variables = { NODE_OPTIONS: `--import=${PRELOAD}` };
    gateway = await startGatewayWith(variables, dataDir, '--request-timeout-ms', String(TIMEOUT_MS));
  });

  afterEach(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it('gives it its outcome at its deadline all the same (invariant 3)', async () => {
    const { url } = gateway;
    const config = { 'x-mcp-json': configHeader(tinyServer()), 'x-mcp-type': 'Persistent' };
    expect((await knock(url, 'tiny', config)).status).toBe(200);
    const hanging = callTool(url, 'tiny', 'hang', {}).catch(String);
    while ((JSON.parse(await callTool(url, 'tiny', 'who', {})) as { inFlight: number }).inFlight === 0);
    gateway.process.kill('SIGWINCH');
    await expect.poll(gateway.log, { timeout: PATIENCE_MS }).toContain('the time of day was set back');
    const outcome = await Promise.race([hanging, pause(PATIENCE_MS, 'none', { ref: false })]);
    expect(outcome).toMatch(/"code":"0014"/);
  });
});
