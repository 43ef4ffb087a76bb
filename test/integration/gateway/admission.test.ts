import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import {
  callTool,
  checkStatus,
  configHeader,
  knock,
  tinyServer,
  untilState,
} from '../../support/http-client.ts';

const header = (server: object, type: string) => ({ 'x-mcp-json': configHeader(server), 'x-mcp-type': type });
const works = tinyServer();
const slow = tinyServer('--start-delay-ms', '400');
const fails = { command: process.execPath, args: ['-e', 'console.error("no config file"); process.exit(3)'] };
const types = ['OneShot', 'Persistent'];

describe('the admission table of contract §5, over real HTTP', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  let url: string;

  beforeAll(async () => {
    gateway = await startGateway(dataDir, '--restart-cooldown-ms', '60000', '--health-ttl-ms', '600000');
    url = gateway.url;
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it.each(types)('unknown, no header: 0001 (%s)', async type => {
    const { status, body } = await knock(url, `unknown-${type}`, { 'x-mcp-type': type });
    expect([status, body.code, body.error?.code]).toEqual([404, '0001', -32011]);
  });

  it.each(types)('unknown, header: registers, starts and holds (%s)', async type => {
    const { status, body } = await knock(url, `new-${type}`, header(slow, type));
    expect(status).toBe(200);
    expect(body).toHaveProperty('result.serverInfo.name', 'tiny-server');
  });

  it.each(types)('starting: holds one request after another (%s)', async type => {
    await checkStatus(url, `starting-${type}`, slow, type);
    const answers = await Promise.all([1, 2, 3].map(() => knock(url, `starting-${type}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it.each(types)('starting, Prefer: wait=0: 0003 with Retry-After, at once (%s)', async type => {
    const go = join(dataDir, `go-${type}`);
    await checkStatus(url, `impatient-${type}`, tinyServer('--start-when', go), type);
    const { status, body, headers } = await knock(url, `impatient-${type}`, { prefer: 'wait=0' });
    writeFileSync(go, ''); // it has one of few permits to start
    expect([status, body.code]).toEqual([503, '0003']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each(types)('Ready: forwards (%s)', async type => {
    await knock(url, `ready-${type}`, header(works, type));
    expect(await callTool(url, `ready-${type}`, 'echo', { message: 'hello' })).toBe('hello');
  });

  it('lost, OneShot: Ended, 0006; with a header it starts again and holds', async () => {
    await knock(url, 'lost-OneShot', header(works, 'OneShot'));
    await expect(callTool(url, 'lost-OneShot', 'crash', {})).rejects.toThrow('0005');
    await untilState(url, 'lost-OneShot', /Ended.Completed/);
    const refused = await knock(url, 'lost-OneShot');
    expect([refused.status, refused.body.code]).toEqual([410, '0006']);
    expect((await knock(url, 'lost-OneShot', header(works, 'OneShot'))).status).toBe(200);
  });

  it('lost, Persistent: CoolingDown, 0002 with Retry-After and the last failure', async () => {
    await knock(url, 'lost-Persistent', header(works, 'Persistent'));
    await expect(callTool(url, 'lost-Persistent', 'crash', { code: 7 })).rejects.toThrow('0005');
    await untilState(url, 'lost-Persistent', /CoolingDown/);
    const { status, body, headers } = await knock(url, 'lost-Persistent', header(works, 'Persistent'));
    expect([status, body.code, body.error?.code]).toEqual([429, '0002', -32012]);
    expect(body.message).toContain('7');
    const [cooldownSeconds, jitter] = [60, 0.1];
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(cooldownSeconds / 2);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(cooldownSeconds * (1 + jitter));
  });

  it('a start that fails, OneShot: Ended, 0005 with the reason, for each that was held; with a header it tries again', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => knock(url, 'fails-OneShot', header(fails, 'OneShot'))),
    );
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(Array(3).fill([502, '0005']));
    expect(answers[0]?.body.message).toContain('no config file');
    const plain = await knock(url, 'fails-OneShot');
    expect([plain.status, plain.body.code]).toEqual([502, '0005']);
    expect((await knock(url, 'fails-OneShot', header(works, 'OneShot'))).status).toBe(200);
  });

  it('a start that fails, Persistent: 0005 for the one that was held, then 0002 while it cools down', async () => {
    const held = await knock(url, 'fails-Persistent', header(fails, 'Persistent'));
    expect([held.status, held.body.code]).toEqual([502, '0005']);
    const later = await knock(url, 'fails-Persistent', header(fails, 'Persistent'));
    expect([later.status, later.body.code]).toEqual([429, '0002']);
  });
});

describe('the rows that need short times', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;

  beforeAll(async () => {
    const times = ['--restart-cooldown-ms', '300', '--max-start-failures', '2', '--one-shot-idle-ms', '300'];
    gateway = await startGateway(dataDir, ...times, '--persistent-idle-ms', '300', '--health-ttl-ms', '0');
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it('CoolingDown, Prefer: wait reaches past the due time: holds until it is Ready again', async () => {
    const { url } = gateway;
    await knock(url, 'patient', header(works, 'Persistent'));
    await expect(callTool(url, 'patient', 'crash', {})).rejects.toThrow('0005');
    expect((await knock(url, 'patient', { prefer: 'wait=20' })).status).toBe(200);
  });

  it('Ready without a sign of life: a probe comes first, and the request is forwarded', async () => {
    const { url } = gateway;
    await knock(url, 'quiet', header({ ...works, idleTimeoutMs: 600_000 }, 'OneShot'));
    const who = JSON.parse(await callTool(url, 'quiet', 'who', {})) as { pings: number };
    expect(who.pings).toBeGreaterThan(0);
  });

  it('idle: a OneShot is Ended (0006), a Persistent sleeps and starts again when it is asked for', async () => {
    const { url } = gateway;
    await Promise.all(types.map(type => knock(url, `idle-${type}`, header(works, type))));
    await untilState(url, 'idle-OneShot', /Ended.Completed/);
    await untilState(url, 'idle-Persistent', /Pending.Asleep/);
    expect((await knock(url, 'idle-OneShot')).body.code).toBe('0006');
    expect((await knock(url, 'idle-Persistent')).status).toBe(200);
  });

  it('start failures used up, Persistent: Ended, 0005 with the reason; an explicit start tries again and holds', async () => {
    const { url } = gateway;
    await knock(url, 'spent', header(fails, 'Persistent'));
    const { lastError } = await untilState(url, 'spent', /Ended.Failed/);
    expect(lastError).toContain('no config file');
    const plain = await knock(url, 'spent');
    expect([plain.status, plain.body.code, plain.body.error?.code]).toEqual([502, '0005', -32015]);
    expect((await knock(url, 'spent', header(works, 'Persistent'))).status).toBe(200);
  });
});
