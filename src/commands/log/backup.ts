/** `evergate log backup`: a copy of the data directory, taken while the gateway runs or not. */
import { recall, remember } from '../../mcp-config/remembered.ts';
import { openDataDirForReading } from '../../store/lmdb-log.ts';
import { backUp } from '../../store/log-backup.ts';
import { EXIT, UsageError } from '../command.ts';
import type { LogCommand } from './log-command.ts';
import { readArguments, SHARED_HELP } from './options.ts';
import { count } from './progress.ts';

const HELP = `Usage: evergate log backup <directory> [--json]

Copies the data file as it is at this moment into a directory that has none yet, looks at every page of the copy, and opens
it once. The gateway may run meanwhile; it is not held up. The copy holds everything, service configs with their secrets, clients'
sessions and what the files of --mcp-config declared too. To restore: stop the gateway and start it with --data-dir <directory>.

  --json              One JSON object: {path, pages, lastSeq}.
${SHARED_HELP}
`;

export const backupCommand: LogCommand = {
  name: 'backup',
  summary: 'Copy the data directory, while the gateway runs or not.',
  help: HELP,
  run: async (argv, terminal, load) => {
    const { settings, values, positionals } = readArguments(argv, { json: { type: 'boolean' } }, 1, load);
    const [target] = positionals;
    if (target === undefined) throw new UsageError('log backup needs the directory to copy to');
    const data = openDataDirForReading(settings);
    try {
      const { path, pages, lastSeq } = await backUp(data, target, () =>
        remember(target, recall(settings.dataDir)),
      );
      const said =
        values.json === true
          ? JSON.stringify({ path, pages, lastSeq })
          : `${path}: ${count(pages)} pages, up to record ${lastSeq}, sound`;
      terminal.out(`${said}\n`);
      return EXIT.done;
    } finally {
      await data.close();
    }
  },
};
