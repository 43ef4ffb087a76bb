/** `evergate check <url>`: whether a remote MCP server works, for scripts and monitors. */
import { StartFailure } from '../../backends/backend.ts';
import { isObject } from '../../backends/rpc/places.ts';
import type { JsonObject } from '../../store/event-log.ts';
import { type Command, EXIT } from '../command.ts';
import { tellFailure } from '../failure.ts';
import { nameOf } from './detect.ts';
import {
  REMOTE_HELP,
  type RemoteArguments,
  type RemoteLoading,
  readRemoteArguments,
} from './remote-options.ts';
import { shakeHands } from './shake-hands.ts';

const HELP = `Usage: evergate check <url> [flags]

Shakes hands with a remote MCP server and asks for its tools. Exit code 0 when it answers, 1 when it does not, with the
reason, 2 when called wrongly.

${REMOTE_HELP}
  --json              One JSON object: ok, and protocolVersion, server, tools, tookMs; or error.
`;

interface Answered {
  readonly ok: true;
  readonly protocolVersion: string;
  readonly server: JsonObject;
  /** Tools on the first page of its list; null: it offers none. */
  readonly tools: number | null;
  readonly tookMs: number;
}

export function checkCommand(loading: RemoteLoading = {}): Command {
  return {
    name: 'check',
    summary: 'Check that a remote MCP server answers.',
    help: () => HELP,
    run: async (argv, terminal) => {
      const given = readRemoteArguments(
        'check',
        argv,
        ['header', 'token', 'type', 'timeout-ms', 'json'],
        loading,
      );
      try {
        const answered = await check(given);
        terminal.out(given.json ? `${JSON.stringify(answered)}\n` : sentence(answered));
        return EXIT.done;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return tellFailure(terminal, error, given.json ? { ok: false } : null);
      }
    },
  };
}

function sentence({ server, protocolVersion, tools, tookMs }: Answered): string {
  const offered = tools === null ? 'no tools' : `${tools} ${tools === 1 ? 'tool' : 'tools'}`;
  return `ok: ${nameOf(server)}, MCP ${protocolVersion}, ${offered}, ${tookMs} ms\n`;
}

/** @throws {StartFailure | Error} it does not answer; the message says how */
async function check({ config, timeoutMs }: RemoteArguments): Promise<Answered> {
  const began = performance.now();
  const lane = await shakeHands(config, timeoutMs);
  try {
    const { protocolVersion, serverInfo, capabilities } = lane.handshake;
    const tools = isObject(capabilities.tools) ? await countTools(lane, timeoutMs) : null;
    const tookMs = Math.round(performance.now() - began);
    return { ok: true, protocolVersion, server: serverInfo, tools, tookMs };
  } finally {
    await lane.close();
  }
}

async function countTools(lane: Awaited<ReturnType<typeof shakeHands>>, timeoutMs: number): Promise<number> {
  const { result, error } = await lane.ask('tools/list', {}, timeoutMs);
  if (error !== undefined) throw new StartFailure(`the server refused tools/list: ${error.message}`);
  return isObject(result) && Array.isArray(result.tools) ? result.tools.length : 0;
}
