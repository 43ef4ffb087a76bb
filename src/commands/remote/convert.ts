/** `evergate convert <url>`: a remote MCP server for clients that know only stdio. */
import type { Readable, Writable } from 'node:stream';
import { connectRemote } from '../../backends/remote/connect-remote.ts';
import { LineReader } from '../../backends/stdio/lines.ts';
import { createToolFilter } from '../../backends/tool-filter.ts';
import { type Command, EXIT } from '../command.ts';
import { complain } from '../failure.ts';
import { StdioBridge } from './bridge.ts';
import { RemoteLink } from './remote-link.ts';
import { REMOTE_HELP, type RemoteLoading, readRemoteArguments } from './remote-options.ts';
import { OWN_REACH } from './shake-hands.ts';

const HELP = `Usage: evergate convert <url> [flags]

Speaks MCP on stdin and stdout and passes everything on to a remote MCP server, Streamable HTTP or HTTP+SSE. A lost connection
is mended without the client noticing; a request that was under way then gets an error that says whether it may have been
acted on. What happens is told on stderr. In a client's config:

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
      const { config } = readRemoteArguments(
        'convert',
        argv,
        ['header', 'token', 'type', 'allow-tools', 'deny-tools'],
        loading,
      );
      const say = (sentence: string) => complain(terminal, sentence);
      const ended = new AbortController();
      const link: RemoteLink = new RemoteLink(
        config,
        (to, events, signal) => connectRemote(to, OWN_REACH, events, signal),
        {
          fromServer: text => bridge.fromServer(text),
          failed: (id, failure) => bridge.failed(id, failure),
          lost: reason => bridge.lost(reason),
          say,
        },
      );
      const write = (text: string) => {
        output.write(`${text}\n`);
        if (output.writableLength > MAX_UNREAD_BYTES) ended.abort();
      };
      const bridge = new StdioBridge({ link, filter: createToolFilter(config.tools), write });
      await readLines(input, bridge, say, ended.signal);
      if (ended.signal.aborted) say('the client does not read what it is sent; ending');
      else await Promise.race([bridge.quiet(), afterDrainTime()]);
      await link.close();
      return ended.signal.aborted ? EXIT.failed : EXIT.done;
    },
  };
}

/** Resolves when the client has closed its end, or `signal` is aborted. */
function readLines(
  input: Readable,
  bridge: StdioBridge,
  say: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const lines = new LineReader({
    maxLineBytes: MAX_LINE_BYTES,
    headChars: 0,
    onLine: text => bridge.fromClient(text),
    onOversized: bytes => say(`left out a message of the client's of ${bytes} bytes, which is too long`),
  });
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    for (const stop of ['SIGINT', 'SIGTERM'] as const) process.once(stop, () => resolve());
    input.on('data', (chunk: Buffer) => lines.push(chunk));
    input.once('error', reject);
    input.once('end', () => {
      lines.end();
      resolve();
    });
  });
}

const afterDrainTime = () => new Promise<void>(resolve => setTimeout(resolve, DRAIN_MS).unref());
