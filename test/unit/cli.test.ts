import { describe, expect, test } from 'vitest';
import { type Command, UsageError } from '../../src/commands/command.ts';
import { runCommandLine } from '../../src/commands/run.ts';
import { serveCommand } from '../../src/commands/serve.ts';
import type { Settings } from '../../src/config.ts';

/** Runs a command line with a gateway that only notes its settings. */
async function run(...argv: string[]) {
  const ran: Settings[] = [];
  const written = { out: '', err: '' };
  const serve = serveCommand({
    env: {},
    runGateway: async settings => {
      if (settings.port === 1) throw new Error('port 1 is taken; choose another');
      ran.push(settings);
    },
  });
  const check: Command = {
    name: 'check',
    summary: 'Checks.',
    help: () => 'how to check\n',
    run: async () => {
      throw new UsageError('check needs an id');
    },
  };
  const terminal = {
    out: (text: string) => {
      written.out += text;
    },
    err: (text: string) => {
      written.err += text;
    },
  };
  const code = await runCommandLine(argv, [serve, check], terminal);
  return { code, ran, ...written };
}

describe('the command line', () => {
  test.each([[['--port', '9000']], [['serve', '--port', '9000']]])(
    'given %j, then the gateway runs with these settings',
    async argv => {
      const { code, ran, err } = await run(...argv);
      expect({ code, ports: ran.map(settings => settings.port), err }).toEqual({
        code: 0,
        ports: [9000],
        err: '',
      });
    },
  );

  test('given no argument, then the gateway runs', async () => {
    expect((await run()).ran).toHaveLength(1);
  });

  test.each([['--help'], ['-h'], ['help']])(
    'given %s, then commands and settings are listed and nothing runs',
    async flag => {
      const { code, ran, out } = await run(flag);
      expect({ code, ran }).toEqual({ code: 0, ran: [] });
      expect(out).toMatch(/ {2}serve +Run the gateway/);
      expect(out).toMatch(/ {2}check +Checks\./);
      expect(out).toContain('--restart-cooldown-ms <number>');
    },
  );

  test('given a command and --help, then its own help is shown', async () => {
    expect(await run('check', '--help')).toMatchObject({ code: 0, out: 'how to check\n' });
    expect((await run('serve', '--help')).out).toMatch(/^Usage: evergate \[serve\] \[settings\]/);
    expect(await run('help', 'check')).toMatchObject({ code: 0, out: 'how to check\n' });
  });

  test.each(['--version', '-V', '-v'])('given %s, then the version of the package is shown', async flag => {
    const { code, ran, out } = await run(flag);
    expect({ code, ran }).toEqual({ code: 0, ran: [] });
    expect(out).toMatch(/^\d+\.\d+\.\d+/);
  });

  test.each([
    [['serv'], /unknown command "serv"; the nearest known one is "serve"/],
    [['help', 'chek'], /unknown command "chek"; the nearest known one is "check"/],
    [['--prot', '1'], /flag --prot is unknown/],
    [['serve', '--port', 'x'], /--port must be a whole number/],
    [['check'], /check needs an id/],
  ])('given %j, then the exit code is 2 and the message says why', async (argv, message) => {
    const { code, ran, out, err } = await run(...argv);
    expect({ code, ran, out }).toEqual({ code: 2, ran: [], out: '' });
    expect(err).toMatch(message);
    expect(err).toContain('evergate --help');
  });

  test('given a gateway that fails, then the exit code is 1 and the message is its own', async () => {
    const { code, err } = await run('--port', '1');
    expect({ code, err }).toEqual({ code: 1, err: 'evergate: port 1 is taken; choose another\n' });
  });
});
