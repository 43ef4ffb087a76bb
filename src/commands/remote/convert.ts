/** `evergate convert <url>`: a remote MCP server for clients that know only stdio. */
import type { Readable, Writable } from 'node:stream';
import { systemClock } from '../../backends/clock.ts';
import { connectRemote } from '../../backends/remote/connect-remote.ts';
import { LineReader } from '../../backends/stdio/lines.ts';
import { within } from '../../backends/timers.ts';
import { createToolFilter } from '../../backends/tool-filter.ts';
import { type Command, EXIT, type Terminal } from '../command.ts';
import { complain } from '../failure.ts';
import { asFlags } from './as-flags.ts';
import { StdioBridge } from './bridge.ts';
import { CLIENT_LEFT, CutShort, UNREAD, unreadable, written } from './ending.ts';
import { RemoteLink } from './remote-link.ts';
import {
  REMOTE_HELP,
  type RemoteArguments,
  type RemoteLoading,
  readRemoteArguments,
} from './remote-options.ts';
import { OWN_REACH } from './shake-hands.ts';

const HELP = `Usage: evergate convert <url> [flags]

Speaks MCP on stdin and stdout and passes everything on to a remote MCP server, Streamable HTTP or HTTP+SSE. A lost connection
is mended without the client noticing; a request that was under way then gets an error that says whether it may have been
acted on. A handshake that is begun again and stays unanswered is given up after --timeout-ms, and tried again. What happens is
told on stderr. Exit code 0 once the client has closed stdin and has its answers, and on SIGTERM or SIGINT; 1 when the client has
closed stdout, or does not read it; 2 when called wrongly. In a client's config:

  {"mcpServers": {"search": {"command": "npx", "args": ["evergate", "convert", "https://mcp.example.com/mcp"]}}}

${REMOTE_HELP}
  --allow-tools <a,b> Tools that may be seen and called; \`*\` stands for any characters. Default: all.
  --deny-tools <a,b>  Tools that may not; goes before --allow-tools.
`;

const MIB = 1024 * 1024;
/** Longest line taken from the client, in bytes. */
const MAX_LINE_BYTES = 64 * MIB;
/** Bytes that wait for a client that does not read; past it the bridge ends. */
const MAX_UNREAD_BYTES = 64 * MIB;
/** How long answers under way are waited for once the client has closed stdin, in ms. */
const DRAIN_MS = 10_000;
/** How long the client may take for the last of what it is sent, in ms. */
const LAST_WORDS_MS = 1_000;

export interface ConvertLoading extends RemoteLoading {
  /** Default: those of this process. */
  readonly input?: Readable;
  readonly output?: Writable;
}

export function convertCommand(loading: ConvertLoading = {}): Command {
  return {
    name: 'convert',
    summary: 'Bridge a remote MCP server to stdio.',
    help: () => HELP,
    run: async (argv, terminal) => {
      const { input = process.stdin, output = process.stdout } = loading;
      const given = readRemoteArguments(
        'convert',
        argv,
        ['header', 'token', 'type', 'timeout-ms', 'allow-tools', 'deny-tools'],
        loading,
      );
      return convert(given, { input, output, terminal });
    },
  };
}

interface Ends {
  readonly input: Readable;
  readonly output: Writable;
  readonly terminal: Terminal;
}

/** Bridges until the client has left, or something cuts it short. @returns the exit code */
async function convert(
  { config, timeoutMs }: RemoteArguments,
  { input, output, terminal }: Ends,
): Promise<number> {
  const say = (sentence: string) => complain(terminal, asFlags(sentence));
  const cut = new CutShort(output);
  const reach = { ...OWN_REACH, handshakeTimeoutMs: timeoutMs };
  const link: RemoteLink = new RemoteLink(
    config,
    (to, events, signal) => connectRemote(to, reach, events, signal),
    {
      fromServer: text => bridge.fromServer(text),
      failed: (id, failure) => bridge.failed(id, { ...failure, reason: asFlags(failure.reason) }),
      lost: reason => bridge.lost(asFlags(reason)),
      say,
    },
    timeoutMs,
  );
  const write = (text: string) => {
    output.write(`${text}\n`);
    if (output.writableLength > MAX_UNREAD_BYTES) cut.short(UNREAD);
  };
  const bridge = new StdioBridge({ link, filter: createToolFilter(config.tools), write });
  const drained = readLines(input, { bridge, cut, say }).then(() =>
    within(systemClock, DRAIN_MS, bridge.quiet()),
  );
  const ending = await Promise.race([drained.then(() => CLIENT_LEFT), cut.happened]);
  // While it is open, the process would go on.
  input.destroy();
  if (ending !== CLIENT_LEFT) say(`${ending.why}; ending`);
  if (ending.code === EXIT.done) bridge.lost(ending.why);
  await link.close();
  cut.release();
  if ((await within(systemClock, LAST_WORDS_MS, written(output))) === null) terminal.abandon?.();
  return ending.code;
}

interface LineHearers {
  readonly bridge: StdioBridge;
  readonly cut: CutShort;
  readonly say: (sentence: string) => void;
}

/** Resolves when the client has closed its end. */
function readLines(input: Readable, { bridge, cut, say }: LineHearers): Promise<void> {
  const lines = new LineReader({
    maxLineBytes: MAX_LINE_BYTES,
    headChars: 0,
    onLine: text => bridge.fromClient(text),
    onOversized: bytes => say(`left out a message of the client's of ${bytes} bytes, which is too long`),
  });
  input.once('error', ({ message }) => cut.short(unreadable(message)));
  return new Promise(resolve => {
    input.on('data', (chunk: Buffer) => lines.push(chunk));
    input.once('end', () => {
      lines.end();
      resolve();
    });
  });
}
