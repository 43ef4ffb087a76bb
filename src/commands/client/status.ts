/** `evergate status`: the services of a running gateway, as a table. */
import { escapeHarmful } from '../../logging/harmless.ts';
import { type Command, EXIT, type Terminal, UsageError } from '../command.ts';
import { complain } from '../failure.ts';
import { CLIENT_HELP, type ClientLoading, readClientArguments } from './gateway-options.ts';
import { type ListedServices, listServices, readVitals, type ServiceFilter } from './read-services.ts';
import type { ShownService, ShownServices, ShownVitals } from './shapes.ts';
import { age, type Column, mebibytes, tableLines } from './table.ts';
import { watch } from './watch.ts';

const HELP = `Usage: evergate status [<text>] [--state <state>] [--type <type>] [--watch] [--json]

Shows the services of a running gateway, all or those with <text> in their id: their states and why, who uses them, and what
their processes take. Exit code 0; 1 when the gateway cannot be reached or refuses; 2 when called wrongly.

  --state <state>     Only those in a state, such as Ready or Pending.Starting.
  --type <type>       OneShot or Persistent.
  --watch             Go on showing them as they change, until interrupted.
  --json              One JSON object per line: the service as the API has it.
${CLIENT_HELP}
`;

const FLAGS = {
  state: { type: 'string' },
  type: { type: 'string' },
  watch: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

interface Row {
  readonly service: ShownService;
  readonly vitals: ShownVitals | undefined;
}

export function statusCommand(loading: ClientLoading = {}): Command {
  return {
    name: 'status',
    summary: 'Show the services of a running gateway.',
    help: () => HELP,
    run: async (argv, terminal) => {
      const { client, values, positionals } = readClientArguments(argv, FLAGS, 1, loading);
      const filter: ServiceFilter = { state: values.state, type: values.type, q: positionals[0] };
      if (values.watch === true && values.json === true)
        throw new UsageError(
          '--watch shows a table; for a stream of JSON use "evergate events --follow --json"',
        );
      if (values.watch === true) await watch(client, filter, terminal, shown => render(shown, terminal));
      else if (values.json === true) {
        const { services, unreadable } = await listServices(client, filter);
        for (const service of services) terminal.out(`${JSON.stringify(service)}\n`);
        tellUnreadable(unreadable, terminal);
      } else {
        const listed = await listServices(client, filter);
        const vitals = listed.services.some(({ pid }) => pid !== null) ? await readVitals(client) : new Map();
        terminal.out(`${tableOf({ ...listed, vitals }, null).join('\n')}\n`);
        tellUnreadable(listed.unreadable, terminal);
      }
      return EXIT.done;
    },
  };
}

function tellUnreadable(unreadable: ListedServices['unreadable'], terminal: Terminal): void {
  for (const { id, reason } of unreadable) complain(terminal, `${id}: ${reason}`);
}

/** The table anew: in the place of the one before on a terminal, else below it. */
function render(shown: ShownServices, terminal: Terminal): void {
  const size = terminal.size?.() ?? null;
  const lines = tableOf(shown, size?.columns ?? null);
  if (size === null) {
    terminal.out(`${lines.join('\n')}\n\n`);
    return;
  }
  const room = Math.max(2, size.rows - 2);
  const more = lines.length - room;
  const fitting =
    more > 0 ? [...lines.slice(0, room), `and ${more} more; name a part of the id to see fewer`] : lines;
  terminal.out(`${CLEAR}${fitting.join('\n')}\n`);
}

/** To the top left, and everything behind it away: what every terminal understands. */
const CLEAR = '\u001b[H\u001b[2J\u001b[3J';

function tableOf({ services, vitals }: ShownServices, width: number | null): readonly string[] {
  if (services.length === 0) return ['No services.'];
  const now = Date.now();
  const rows = services.map(service => ({ service, vitals: vitals.get(service.id) }));
  return tableLines(columns(now), rows, width);
}

const columns = (now: number): readonly Column<Row>[] => [
  { title: 'SERVICE', text: ({ service }) => escapeHarmful(service.id) },
  { title: 'TYPE', text: ({ service }) => service.type },
  { title: 'STATE', text: ({ service }) => service.state },
  { title: 'FOR', right: true, text: ({ service }) => age(now - Date.parse(service.since)) },
  { title: 'RESTARTS', right: true, text: ({ service }) => String(service.restarts) },
  { title: 'SESSIONS', right: true, text: ({ service, vitals }) => String((vitals ?? service).sessions) },
  { title: 'CALLS', right: true, text: ({ service, vitals }) => calls(vitals ?? service) },
  { title: 'PID', right: true, text: ({ service }) => String(service.pid ?? '–') },
  { title: 'MEMORY', right: true, text: ({ vitals }) => mebibytes(vitals?.rssBytes ?? null) },
  { title: 'CPU', right: true, text: ({ vitals }) => percent(vitals?.cpuPercent ?? null) },
  { title: 'WHY', text: ({ service }) => escapeHarmful(sentence(service)) },
];

const calls = ({ inFlight, held }: ShownService | ShownVitals) => String(inFlight + held);

const percent = (cpuPercent: number | null) => (cpuPercent === null ? '–' : `${cpuPercent.toFixed(1)}%`);

/** Why, and when something follows by itself, what. */
function sentence({ why, next }: ShownService): string {
  if (next === null || next.at === null) return why;
  return `${why}; ${next.what} (${next.at})`;
}
