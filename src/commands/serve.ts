/** `evergate serve`: runs the gateway until it is told to stop. */
import { type LoadOptions, loadSettings, type Settings } from '../config.ts';
import { settingsHelp } from '../settings/help.ts';
import { type Command, EXIT } from './command.ts';

export interface ServeOptions extends Omit<LoadOptions, 'argv'> {
  /** Runs the gateway and resolves when it has stopped; default: the composition root, loaded when needed. */
  readonly runGateway?: (settings: Settings) => Promise<void>;
}

export function serveCommand({ runGateway = runMain, ...load }: ServeOptions = {}): Command {
  return {
    name: 'serve',
    summary: 'Run the gateway (also without a command).',
    help: () => `Usage: evergate [serve] [settings]\n\n${settingsHelp()}\n`,
    run: async argv => {
      const { settings } = loadSettings({ ...load, argv });
      await runGateway(settings);
      return EXIT.done;
    },
  };
}

/** Loaded only to serve, so that help and the client commands start without it. */
async function runMain(settings: Settings): Promise<void> {
  const { runGateway } = await import('../main.ts');
  await runGateway(settings);
}
