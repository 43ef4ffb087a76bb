/** `evergate status` and `evergate events` against a real gateway. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventsCommand } from '../../../src/commands/client/events.ts';
import { statusCommand } from '../../../src/commands/client/status.ts';
import { runCommandLine } from '../../../src/commands/run.ts';
import { api, until } from '../../support/api-client.ts';
import { EventQueue } from '../../support/event-queue.ts';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { tinyServer } from '../../support/http-client.ts';

const TOKEN = 'correct-horse-battery';
/** What makes room for the next table on a terminal. */
const CLEAR = '\u001b[H\u001b[2J\u001b[3J';
const LOOKER = 'only-looks-at-things';

/** Runs a command line in this process; `next` waits for what it writes. */
function running(
  argv: readonly string[],
  env: Record<string, string> = {},
  size?: { columns: number; rows: number },
) {
  const out = new EventQueue<string>();
  const said = { out: '', err: '' };
  let closed = false;
  const terminal = {
    out: (text: string) => {
      said.out += text;
      out.push(text);
    },
    err: (text: string) => {
      said.err += text;
    },
    closed: () => closed,
    ...(size && { size: () => size }),
  };
  const commands = [statusCommand({ env }), eventsCommand({ env })];
  return {
    said,
    ended: runCommandLine(argv, commands, terminal),
    next: () => out.next(),
    close: () => {
      closed = true;
    },
  };
}

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const { said, ended } = running(argv, env);
  return { code: await ended, ...said };
}

describe('the client commands', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;
  let env: Record<string, string>;
  const put = (id: string, type: string, config: object = tinyServer()) =>
    api(gateway.url, 'PUT', `/services/${id}`, { type, config }, { authorization: `Bearer ${TOKEN}` });
  const stateOf = async (id: string) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    return (await api(gateway.url, 'GET', `/services/${id}`, undefined, headers)).body.data?.state;
  };
  const act = (id: string, action: string) =>
    api(gateway.url, 'POST', `/services/${id}/${action}`, undefined, { authorization: `Bearer ${TOKEN}` });

  beforeAll(async () => {
    const tokens = `admin:call+manage+view:${TOKEN},looker:view:${LOOKER}`;
    gateway = await startGateway(dataDir, '--auth-tokens', tokens, '--restart-cooldown-ms', '60000');
    env = { EVERGATE_URL: gateway.url, EVERGATE_TOKEN: LOOKER };
    await put('files', 'Persistent');
    await act('files', 'start');
    await put('asleep', 'OneShot');
    await put('broken', 'Persistent', { command: process.execPath, args: ['-e', 'process.exit(3)'] });
    await act('broken', 'start');
    for (const [id, state] of [
      ['files', 'Ready.Healthy'],
      ['broken', 'CoolingDown'],
    ] as const) {
      await until(
        () => stateOf(id),
        seen => seen === state,
      );
    }
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  describe('evergate status', () => {
    it('shows a table: states and why, who uses them, what their processes take', async () => {
      const { code, out, err } = await run(['status'], env);
      expect([code, err]).toEqual([0, '']);
      const [head, ...lines] = out.trimEnd().split('\n');
      expect(head?.split(/ {2,}/)).toEqual(
        'SERVICE,TYPE,STATE,FOR,RESTARTS,SESSIONS,CALLS,PID,MEMORY,CPU,WHY'.split(','),
      );
      expect(lines).toHaveLength(3);
      expect(lines[0]).toMatch(
        /^asleep +OneShot +Pending\.Asleep +\d+s +0 +0 +0 +– +– +– {2}Pending\.Asleep because nobody has started/,
      );
      expect(lines[1]).toMatch(
        /^broken +Persistent +CoolingDown .* CoolingDown because .*exited with code 3.*; It restarts \(\d{4}-/,
      );
      expect(lines[2]).toMatch(/^files +Persistent +Ready\.Healthy +\d+s +0 +0 +0 +\d+ +\d+M /);
      expect(out).not.toContain('\u001b');
    });

    it.each([
      [['files'], ['files']],
      [['e'], ['asleep', 'broken', 'files']],
      [['--state', 'CoolingDown'], ['broken']],
      [['--type', 'OneShot'], ['asleep']],
    ])('status %j --json: exactly those that fit, one object per line', async (argv, expected) => {
      const { code, out } = await run(['status', ...argv, '--json'], env);
      const services = out
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      expect([code, services.map(({ id }) => id)]).toEqual([0, expected]);
      expect(services[0]).toHaveProperty('why');
    });

    it('given nothing that fits, then it says so', async () => {
      expect(await run(['status', 'nobody'], env)).toEqual({ code: 0, out: 'No services.\n', err: '' });
    });

    it('speaks the language of the terminal', async () => {
      const { out } = await run(['status', 'asleep'], { ...env, LANG: 'zh_TW.UTF-8' });
      expect(out).toContain('尚未有人啟動');
    });

    it('--watch shows the table again with what changed, on a terminal in its place and cut to its size', async () => {
      const command = running(['status', 'watched', '--watch'], env, { columns: 110, rows: 20 });
      expect(await command.next()).toContain('No services.');
      await put('watched', 'OneShot');
      let shown = '';
      while (!shown.includes('watched')) shown = await command.next();
      expect(shown.startsWith(CLEAR)).toBe(true);
      for (const line of shown.trimEnd().split('\n'))
        expect(line.length).toBeLessThanOrEqual(110 + CLEAR.length);
      await act('watched', 'start');
      while (!/watched +OneShot +Ready\.Healthy .* \d+M/.test(shown)) shown = await command.next();
      command.close();
      expect(await command.ended).toBe(0);
    });
  });

  describe('evergate events', () => {
    it('prints the newest records of a service with their causes', async () => {
      const { code, out } = await run(['events', 'broken', '--lines', '2'], env);
      const lines = out.trimEnd().split('\n');
      expect([code, lines.length]).toEqual([0, 2]);
      expect(lines[1]).toMatch(
        /^ *\d+ {2}\d{4}-\d\d-\d\dT\S+Z {2}broken {2}start failed: CoolingDown because the start failed: .*code 3/,
      );
    });

    it('--follow goes on with what happens, as JSON if so wished, and to all where no service is named', async () => {
      const one = running(['events', 'asleep', '--follow', '--lines', '1', '--json'], env);
      const all = running(['events', '--follow'], env);
      const first = JSON.parse(await one.next());
      expect(first).toMatchObject({ id: 'asleep', event: { type: 'registered' } });
      let told = '';
      void all.next().then(text => {
        told = text;
      });
      // Nothing tells when the stream for all has begun: something happens until it says so.
      for (let n = 0; told === ''; n++) await put('noise', n % 2 === 0 ? 'OneShot' : 'Persistent');
      expect(told).toMatch(/ {2}noise {2}/);
      await act('asleep', 'start');
      const second = JSON.parse(await one.next());
      expect(second).toMatchObject({ id: 'asleep', event: { type: 'start requested', by: 'api' } });
      expect(second.seq).toBeGreaterThan(first.seq);
      while (!told.includes('asleep')) told = await all.next();
      expect(told).toMatch(/ {2}asleep {2}start requested: Pending\.Queued because the API asked/);
      for (const command of [one, all]) command.close();
    });
  });

  describe('what is wrong', () => {
    it.each([
      [['status', '--watch', '--json'], 2, /--watch shows a table/],
      [['status', 'a', 'b'], 2, /"b" is one too many/],
      [['status', '--wach'], 2, /--wach/],
      [['status', '--url', 'nonsense'], 2, /--url must be the http or https address/],
      [['status', '--state', 'Broken'], 1, /state "Broken" is no state/],
      [['events'], 2, /events needs the id of a service/],
      [['events', 'files', '--lines', '501'], 2, /--lines must be 500 at most/],
      [['events', 'nobody'], 1, /no service "nobody"/],
      [['events', 'nobody', '--follow'], 1, /no service "nobody"/],
    ])('%j: exit code %i, with the remedy', async (argv, code, message) => {
      const said = await run(argv, env);
      expect([said.code, said.out]).toEqual([code, '']);
      expect(said.err).toMatch(message);
    });

    it('given no token, or one that is for another gateway, then it is refused', async () => {
      const bare = await run(['status'], { EVERGATE_URL: gateway.url });
      expect([bare.code, bare.out]).toEqual([1, '']);
      expect(bare.err).toMatch(/token/);
      const other = { EVERGATE_URL: 'http://127.0.0.1:1', EVERGATE_TOKEN: LOOKER };
      expect((await run(['status', '--url', gateway.url], other)).code).toBe(1);
      expect((await run(['status', '--url', gateway.url, '--token', LOOKER], other)).code).toBe(0);
    });

    it('given --url, then what EVERGATE_URL is does not matter, and without it the message names the variable', async () => {
      const broken = { EVERGATE_URL: 'foo', EVERGATE_TOKEN: LOOKER };
      const { code, err } = await run(['status', '--url', gateway.url, '--token', LOOKER], broken);
      expect([code, err]).toEqual([0, '']);
      const own = await run(['status', '--url', gateway.url], broken);
      expect([own.code, own.err]).toEqual([1, expect.stringMatching(/token/)]);
      const bare = await run(['status'], broken);
      expect([bare.code, bare.err]).toEqual([2, expect.stringMatching(/EVERGATE_URL must be the http/)]);
    });

    it('given no gateway, then it says so and how to go on', async () => {
      const { code, err } = await run(['status'], { EVERGATE_URL: 'http://127.0.0.1:1' });
      expect(code).toBe(1);
      expect(err).toMatch(/127\.0\.0\.1:1 cannot be reached \(.+\); start it with "evergate serve"/);
    });
  });
});

describe('evergate events --follow over a gateway that is killed', () => {
  it('comes back by itself and leaves nothing out', async () => {
    const dataDir = temporaryDirectory();
    let gateway = await startGateway(dataDir);
    const { port } = new URL(gateway.url);
    onTestFinished(async () => {
      await gateway.end('SIGKILL');
      removeDirectory(dataDir);
    });
    await api(gateway.url, 'PUT', '/services/a', { type: 'Persistent', config: tinyServer() });
    const command = running(['events', 'a', '--follow', '--json'], { EVERGATE_URL: gateway.url });
    await api(gateway.url, 'POST', '/services/a/start');
    const told: { seq: number; to: string }[] = [];
    while (told.at(-1)?.to !== 'Ready.Healthy') told.push(JSON.parse(await command.next()));
    await gateway.end('SIGKILL');
    gateway = await startGateway(dataDir, '--port', port);
    while (told.at(-1)?.to !== 'Pending.Queued') told.push(JSON.parse(await command.next()));
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, at) => at + 1));
    expect(command.said.err).toMatch(
      /^evergate: lost the gateway, trying again: .*\n(.*\n)*evergate: connected again\n$/,
    );
    command.close();
    await api(gateway.url, 'POST', '/services/a/stop');
    expect(await command.ended).toBe(0);
  });
});
