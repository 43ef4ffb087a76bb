/** `evergate events`: what happened to services of a running gateway, and what happens. */
import { escapeHarmful } from '../../logging/harmless.ts';
import { type Command, EXIT, type Terminal, UsageError } from '../command.ts';
import { complain } from '../failure.ts';
import { wholeNumber } from '../flags.ts';
import { follow } from './follow.ts';
import type { GatewayClient, StreamEvent } from './gateway-client.ts';
import { CLIENT_HELP, type ClientLoading, readClientArguments } from './gateway-options.ts';
import type { ShownPage, ShownRecord } from './shapes.ts';

const HELP = `Usage: evergate events [<id>] [--follow] [--lines <number>] [--json]

Prints what happened to a service, the newest records with their causes; with --follow what happens from then on, too, to
this one or to all. A lost connection is made again, and nothing is left out. Exit code 0; 1 when the gateway cannot be
reached or refuses; 2 when called wrongly.

  --follow            Go on with new records as they come, until interrupted. Without <id>: those of all services.
  --lines <number>    How many earlier ones of <id>, 500 at most. Default: 20.
  --json              One JSON object per line: the record as the API has it.
${CLIENT_HELP}
`;

const FLAGS = {
  follow: { type: 'boolean' },
  lines: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const MOST_LINES = 500;

export function eventsCommand(loading: ClientLoading = {}): Command {
  return {
    name: 'events',
    summary: 'Print what happened to a service, and with --follow what happens.',
    help: () => HELP,
    run: async (argv, terminal) => {
      const { client, values, positionals } = readClientArguments(argv, FLAGS, 1, loading);
      const [id] = positionals;
      const lines = wholeNumber('--lines', values.lines, 0, 20);
      if (lines > MOST_LINES) throw new UsageError(`--lines must be ${MOST_LINES} at most`);
      if (id === undefined && values.follow !== true)
        throw new UsageError('events needs the id of a service, or --follow for what happens to all');
      const print = printer(terminal, values.json === true);
      const last = id === undefined ? null : await printNewest(client, id, lines, print);
      if (values.follow === true) await printLive(client, terminal, id, last, print);
      return EXIT.done;
    },
  };
}

type Print = (record: ShownRecord) => void;

const printer =
  (terminal: Terminal, asJson: boolean): Print =>
  record =>
    terminal.out(`${asJson ? JSON.stringify(record) : lineOf(record)}\n`);

function lineOf({ seq, at, id, event, cause }: ShownRecord): string {
  return escapeHarmful(`${String(seq).padStart(7)}  ${at}  ${id}  ${event.type}: ${cause}`);
}

/** Returns the `seq` behind which the live ones begin. */
async function printNewest(client: GatewayClient, id: string, lines: number, print: Print): Promise<number> {
  const query = { before: Number.MAX_SAFE_INTEGER, limit: Math.max(1, lines) };
  const { items } = await client.get<ShownPage<ShownRecord>>(
    `/services/${encodeURIComponent(id)}/events`,
    query,
  );
  for (const record of lines === 0 ? [] : items) print(record);
  return items.at(-1)?.seq ?? 0;
}

async function printLive(
  client: GatewayClient,
  terminal: Terminal,
  id: string | undefined,
  last: number | null,
  print: Print,
): Promise<void> {
  const path = id === undefined ? '/events' : `/services/${encodeURIComponent(id)}/events`;
  const lastEventId = last === null ? null : String(last);
  for await (const event of follow(client, terminal, { path, lastEventId })) {
    if (event.type === 'record') print(JSON.parse(event.data) as ShownRecord);
    else complain(terminal, notice(event));
  }
}

function notice({ type, data }: StreamEvent): string {
  if (type !== 'gap') return `an event of the type ${type} was left out`;
  const { from, to } = JSON.parse(data) as { from: number; to: number };
  return `records ${from} to ${to} are no longer kept`;
}
