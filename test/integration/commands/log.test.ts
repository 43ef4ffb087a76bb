import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataDir, openLmdbLog } from '../../../src/store/lmdb-log.ts';
import { fillLog } from '../../support/filled-log.ts';
import { runLog } from '../../support/log-command.ts';
import { inTempDir } from '../../unit/store/drafts.ts';

const SECRET = 'sesame-open';

/** Runs `body` with a parent directory, and in it `data`: 5 services at rest with 10 records each. */
const withLog = (body: (paths: { parent: string; dataDir: string }) => Promise<void>) =>
  inTempDir(async parent => {
    const dataDir = join(parent, 'data');
    await fillLog(dataDir, { services: 5, records: 50, env: { API_KEY: SECRET } });
    await body({ parent, dataDir });
  });

/** The log's export with secrets, changed line by line, imported into a directory of its own. */
async function changed(
  { parent, dataDir }: { parent: string; dataDir: string },
  change: (line: Readonly<Record<string, unknown>>) => object | null,
): Promise<string> {
  const { out } = await runLog('export', '--with-secrets', '--data-dir', dataDir);
  const lines = out
    .trimEnd()
    .split('\n')
    .flatMap(line => {
      const to = change(JSON.parse(line));
      return to === null ? [] : [to];
    });
  const last = {
    end: true,
    records: lines.filter(line => 'seq' in line).length,
    services: lines.filter(line => 'service' in line).length,
    unreadable: 0,
  };
  const file = join(parent, 'changed.jsonl');
  writeFileSync(file, [...lines.slice(0, -1), last].map(line => JSON.stringify(line)).join('\n'));
  const target = join(parent, 'changed');
  expect(await runLog('import', file, '--data-dir', target)).toMatchObject({ code: 0 });
  return target;
}

describe('log verify', () => {
  it('given a sound log, then it says what it looked at', () =>
    withLog(async ({ dataDir }) => {
      const { code, out, err } = await runLog('verify', '--data-dir', dataDir);
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(/^sound: \d+ pages, 50 records, 5 services; [\d,]+ records folded per second\n$/);
    }));

  it('given a record that leads elsewhere, then it names service and record, once', () =>
    withLog(async paths => {
      const dataDir = await changed(paths, line =>
        line.seq === 22 ? { ...line, to: { ...(line.to as object), value: { Ended: 'Failed' } } } : line,
      );
      const { code, out } = await runLog('verify', '--data-dir', dataDir);
      expect(code).toBe(1);
      expect(out.split('\n')[0]).toMatch(
        /^service "service-000001": Record 22 \(.+\) led to another state than the log holds$/,
      );
      expect(out).toMatch(/\n1 problems: /);
    }));

  it.each([
    [
      'records that are missing',
      /records 20 to 22 are missing/,
      ({ seq }: Line) => seq === undefined || seq < 20 || seq > 22,
    ],
    [
      'a service without its head',
      /"service-000003": record 49 is its last, but it has no head/,
      ({ service }: Line) => service !== 'service-000003',
    ],
  ])('given %s, then it says so', (_, message, keep) =>
    withLog(async paths => {
      const dataDir = await changed(paths, line => (keep(line as Line) ? line : null));
      const { code, out } = await runLog('verify', '--data-dir', dataDir);
      expect(code).toBe(1);
      expect(out).toMatch(message);
    }),
  );

  it.each([
    ['a debt that is not owed', /what it is owed is not what/, { owed: { running: true, dueAt: null } }],
    ['no config', /its config is missing: send it again/, { documents: {} }],
    [
      'another config',
      /its config is not the one its last record names|cannot be read/,
      { documents: { config: { kind: 'stdio', command: 'x' } } },
    ],
  ])('given a service with %s, then it says so', (_, message, change) =>
    withLog(async paths => {
      const dataDir = await changed(paths, line =>
        line.service === 'service-000002' ? { ...line, ...change } : line,
      );
      const { code, out } = await runLog('verify', '--json', '--data-dir', dataDir);
      const [problem, summary] = out
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      expect(code).toBe(1);
      expect(problem).toMatchObject({ id: 'service-000002', reason: expect.stringMatching(message) });
      expect(summary).toMatchObject({ records: 50, services: 5, problemCount: 1 });
      expect(out).not.toContain(SECRET);
    }),
  );

  it('given a head that is not the last record, then it says so', () =>
    withLog(async paths => {
      let earlier: object | undefined;
      const dataDir = await changed(paths, line => {
        if (line.seq === 42) earlier = line;
        return line.service === 'service-000001' ? { ...line, head: earlier } : line;
      });
      const { out } = await runLog('verify', '--data-dir', dataDir);
      expect(out).toMatch(/"service-000001": its head is not its last record/);
    }));

  it('given a pruned log, then it folds what is left', () =>
    withLog(async ({ dataDir }) => {
      expect(await runLog('prune', '--max-records', '12', '--data-dir', dataDir)).toMatchObject({
        code: 0,
        out: '38 records removed\n',
      });
      expect((await runLog('verify', '--data-dir', dataDir)).out).toMatch(
        /^sound: \d+ pages, 12 records, 5 services/,
      );
    }));

  it('given no log, then it says where it looked', () =>
    inTempDir(async dir => {
      const { code, err } = await runLog('verify', '--data-dir', join(dir, 'none'));
      expect([code, existsSync(join(dir, 'none'))]).toEqual([1, false]);
      expect(err).toContain(`there is no event log ${join(dir, 'none', 'evergate.mdb')}`);
    }));
});

type Line = { readonly seq?: number; readonly service?: string };

describe('log export and log import', () => {
  it('given an export with secrets, then importing it gives the same log', () =>
    withLog(async ({ parent, dataDir }) => {
      const file = join(parent, 'export.jsonl');
      const flags = ['--with-secrets', '--output', file, '--data-dir', dataDir];
      expect(await runLog('export', ...flags)).toEqual({ code: 0, out: '', err: '' });
      expect(statSync(file).mode & 0o077).toBe(0);
      expect(readFileSync(file, 'utf8')).toContain(SECRET);

      const target = join(parent, 'target');
      expect(await runLog('import', file, '--data-dir', target)).toEqual({
        code: 0,
        out: '50 records, 5 services imported\n',
        err: '',
      });
      expect(readdirSync(target)).toEqual(['evergate.mdb']);
      const again = await runLog('export', '--with-secrets', '--data-dir', target);
      expect(again.out.split('\n').slice(1)).toEqual(readFileSync(file, 'utf8').split('\n').slice(1));
      expect((await runLog('verify', '--data-dir', target)).code).toBe(0);
    }));

  it('given no word of secrets, then there are none in it, and an import says what that means', () =>
    withLog(async ({ parent, dataDir }) => {
      const { out } = await runLog('export', '--data-dir', dataDir);
      expect(out).not.toContain(SECRET);
      expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({ evergateLog: 1, secrets: false });
      const file = join(parent, 'export.jsonl');
      writeFileSync(file, out);
      const target = join(parent, 'target');
      const imported = await runLog('import', file, '--data-dir', target);
      expect(imported.out).toContain('each service needs its config sent again');
      // As the help of import says.
      const verified = await runLog('verify', '--data-dir', target);
      expect([verified.code, verified.out]).toEqual([1, expect.stringMatching(/config.* missing/)]);
      expect((await runLog('import', '--help')).out).toContain('its exit code is 1');
    }));

  it('given a file in place of the directory, then whatever makes one says what to do', () =>
    withLog(async ({ parent, dataDir }) => {
      const file = join(parent, 'export.jsonl');
      await runLog('export', '--output', file, '--data-dir', dataDir);
      for (const argv of [
        ['import', file, '--data-dir', file],
        ['prune', '--max-records', '1', '--data-dir', file],
        ['backup', file, '--data-dir', dataDir],
        ['backup', join(file, 'in'), '--data-dir', dataDir],
      ]) {
        const { code, err } = await runLog(...argv);
        const remedy = expect.stringMatching(/(EEXIST|ENOTDIR).*: name another directory: .*\n$/);
        expect([argv[0], code, err]).toEqual([argv[0], 1, remedy]);
      }
    }));

  it.each([
    ['is cut off', (text: string) => text.slice(0, text.length - 80), /cannot be imported|cut off/],
    [
      'ends between two lines',
      (text: string) => text.split('\n').slice(0, 20).join('\n'),
      /cut off after line 20/,
    ],
    [
      'lacks a record',
      (text: string) => text.replace(/\n.*"seq":7,.*\n/, '\n'),
      /records or services are missing/,
    ],
    [
      'begins in the middle',
      (text: string) => text.split('\n').slice(1).join('\n'),
      /line 1 cannot be imported: an export begins/,
    ],
    [
      'is of a newer version',
      (text: string) => text.replace('"evergateLog":1', '"evergateLog":2'),
      /export of version 2/,
    ],
    [
      'has a record of a newer version',
      (text: string) => text.replace(/"v":\d+,"seq":9/, '"v":9,"seq":9'),
      /line 10 .*has version 9/,
    ],
    [
      'has its lines in another order',
      (text: string) => text.replace(/\n(.*)\n(.*)\n/, '\n$2\n$1\n'),
      /record 1 comes after record 2/,
    ],
    ['is no export', () => 'hello\n', /line 1 cannot be imported/],
  ])('given a file that %s, then nothing is imported', (_, spoil, message) =>
    withLog(async ({ parent, dataDir }) => {
      const file = join(parent, 'spoilt.jsonl');
      writeFileSync(file, spoil((await runLog('export', '--data-dir', dataDir)).out));
      const target = join(parent, 'target');
      const { code, err } = await runLog('import', file, '--data-dir', target);
      expect(code).toBe(1);
      expect(err).toMatch(message);
      expect(readdirSync(target)).toEqual([]);
    }),
  );

  it('given a directory that has a log, then nothing is imported into it', () =>
    withLog(async ({ parent, dataDir }) => {
      const file = join(parent, 'export.jsonl');
      await runLog('export', '--output', file, '--data-dir', dataDir);
      const { code, err } = await runLog('import', file, '--data-dir', dataDir);
      expect([code, err]).toEqual([1, expect.stringContaining('has a log already')]);
    }));
});

describe('log tail', () => {
  it('prints the newest records, for people or as JSON Lines', () =>
    withLog(async ({ dataDir }) => {
      const { out } = await runLog('tail', '--lines', '2', '--data-dir', dataDir);
      expect(out).toMatch(
        /^ +49 {2}\S+Z {2}service-000003 {2}teardown finished → Ended.Completed\n +50 {2}\S+Z {2}service-000004 {2}teardown.*\n$/,
      );
      const json = await runLog(
        'tail',
        '--lines',
        '3',
        '--service',
        'service-000001',
        '--json',
        '--data-dir',
        dataDir,
      );
      const records = json.out
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      expect(records.map(({ seq, id }) => [seq, id])).toEqual([
        [37, 'service-000001'],
        [42, 'service-000001'],
        [47, 'service-000001'],
      ]);
    }));

  it('given fewer records than lines, or none that fit, then prints what there is', () =>
    withLog(async ({ dataDir }) => {
      expect((await runLog('tail', '--lines', '1000', '--data-dir', dataDir)).out.match(/\n/g)).toHaveLength(
        50,
      );
      expect((await runLog('tail', '--service', 'nobody', '--data-dir', dataDir)).out).toBe('');
    }));
});

describe('log prune', () => {
  it('given a gateway that uses the log, then it is refused by name', () =>
    withLog(async ({ dataDir }) => {
      const gateway = openLmdbLog({ dataDir });
      const { code, err } = await runLog('prune', '--max-records', '1', '--data-dir', dataDir);
      expect([code, err]).toEqual([
        1,
        expect.stringContaining('is in use by this process: stop that gateway'),
      ]);
      await gateway.close();
    }));

  it('given records that are missing, then it goes on to the end all the same', () =>
    inTempDir(async dataDir => {
      const kept = (await fillLog(dataDir, { services: 50, records: 4500 })) - 2;
      const data = openDataDir({ dataDir });
      data.write('damage', 0, ({ log }) => {
        for (const seq of [500, 3000]) log.removeSync(seq);
      });
      await data.close();
      const { out } = await runLog('prune', '--max-records', '10', '--json', '--data-dir', dataDir);
      expect(JSON.parse(out)).toEqual({ removed: kept - 10 });
    }));

  it('given an age, then older records go', () =>
    withLog(async ({ dataDir }) => {
      expect((await runLog('prune', '--max-age-ms', '0', '--data-dir', dataDir)).out).toBe(
        '0 records removed\n',
      );
      expect((await runLog('prune', '--max-age-ms', '60000', '--data-dir', dataDir)).out).toBe(
        '49 records removed\n',
      );
    }));
});

describe('log backup', () => {
  it('copies everything into a directory that a gateway can be started over', () =>
    withLog(async ({ parent, dataDir }) => {
      const target = join(parent, 'deep', 'backup');
      const { code, out } = await runLog('backup', target, '--data-dir', dataDir);
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(/evergate\.mdb: \d+ pages, up to record 50, sound\n$/),
      ]);
      expect(statSync(target).mode & 0o077).toBe(0);
      expect(statSync(join(target, 'evergate.mdb')).mode & 0o077).toBe(0);
      const [original, copy] = await Promise.all(
        [dataDir, target].map(dir => runLog('export', '--with-secrets', '--data-dir', dir)),
      );
      expect(copy?.out.split('\n').slice(1)).toEqual(original?.out.split('\n').slice(1));
      const log = openLmdbLog({ dataDir: target });
      expect(log.lastSeq()).toBe(50);
      await log.close();
    }));

  it('given what server files declared and cannot be copied, then it says why, and there is no backup', () =>
    withLog(async ({ parent, dataDir }) => {
      mkdirSync(join(dataDir, 'mcp-config.json'));
      const target = join(parent, 'backup');
      const { code, err } = await runLog('backup', target, '--data-dir', dataDir);
      expect([code, err]).toEqual([1, expect.stringMatching(/^evergate: cannot back up to .+EISDIR/)]);
      expect(readdirSync(target)).toEqual([]);
    }));

  it('given a target that has a log, then that is left as it is', () =>
    withLog(async ({ dataDir }) => {
      const { code, err } = await runLog('backup', dataDir, '--data-dir', dataDir);
      expect([code, err]).toEqual([1, expect.stringContaining('has a log already')]);
    }));
});

describe('the log commands', () => {
  it.each([
    [[], /log needs a command: tail, verify/],
    [['verfy'], /unknown command "log verfy"; the nearest known one is "log verify"/],
    [['verify', 'x'], /the argument "x" is one too many/],
    [['tail', '--lines', '-1'], /--lines must be a whole number from 0 on|'--lines/],
    [['tail', '--colour'], /Unknown option '--colour'/],
    [['import'], /needs the file/],
    [['backup'], /needs the directory/],
  ])('given %j, then the exit code is 2 and the message says why', async (argv, message) => {
    const { code, err } = await runLog(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('given --json, then each says what it did as one object', () =>
    withLog(async ({ parent, dataDir }) => {
      const json = async (...argv: string[]) => JSON.parse((await runLog(...argv, '--json')).out);
      const [copy, file, target] = ['copy', 'file.jsonl', 'target'].map(name => join(parent, name)) as [
        string,
        string,
        string,
      ];
      await runLog('export', '--output', file, '--data-dir', dataDir);
      expect(await json('import', file, '--data-dir', target)).toEqual({
        records: 50,
        services: 5,
        unreadable: 0,
        secrets: false,
      });
      expect(await json('backup', copy, '--data-dir', dataDir)).toEqual({
        path: join(copy, 'evergate.mdb'),
        pages: expect.any(Number),
        lastSeq: 50,
      });
      expect(await json('prune', '--max-records', '20', '--data-dir', copy)).toEqual({ removed: 30 });
    }));

  it('each has a help of its own', async () => {
    expect((await runLog('--help')).out).toMatch(
      /tail .*\n {2}verify .*\n {2}export .*\n {2}import .*\n {2}prune .*\n {2}backup /,
    );
    for (const name of ['verify', 'export', 'import', 'tail', 'prune', 'backup']) {
      const { code, out } = await runLog(name, '--help');
      expect([code, out]).toEqual([0, expect.stringMatching(new RegExp(`^Usage: evergate log ${name}`))]);
      expect(out).toContain('--data-dir');
    }
  });
});
