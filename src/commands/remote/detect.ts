/** `evergate detect <url>`: how a remote MCP server speaks. */
import { type Era, StartFailure } from '../../backends/backend.ts';
import type { JsonObject } from '../../store/event-log.ts';
import { type Command, EXIT } from '../command.ts';
import { tellFailure } from '../failure.ts';
import {
  REMOTE_HELP,
  type RemoteArguments,
  type RemoteLoading,
  readRemoteArguments,
} from './remote-options.ts';
import { shakeHands } from './shake-hands.ts';

const HELP = `Usage: evergate detect <url> [flags]

Says over which transport a remote MCP server speaks, and which revisions of the protocol it agrees to. Exit code 0 when it
was found out, 1 when the server cannot be reached or speaks no MCP, 2 when called wrongly.

${REMOTE_HELP}
  --json              One JSON object: transport, eras with their protocolVersion, server; or error.
`;

const TRANSPORTS = ['streamable-http', 'sse'] as const;
type TransportName = (typeof TRANSPORTS)[number];

interface Found {
  readonly transport: TransportName;
  readonly eras: readonly { readonly era: Era; readonly protocolVersion: string }[];
  readonly server: JsonObject;
}

export function detectCommand(loading: RemoteLoading = {}): Command {
  return {
    name: 'detect',
    summary: 'Find out how a remote MCP server speaks: transport, protocol revisions.',
    help: () => HELP,
    run: async (argv, terminal) => {
      const given = readRemoteArguments(
        'detect',
        argv,
        ['header', 'token', 'type', 'timeout-ms', 'json'],
        loading,
      );
      try {
        const found = await detect(given);
        terminal.out(given.json ? `${JSON.stringify(found)}\n` : sentence(found));
        return EXIT.done;
      } catch (error) {
        if (!(error instanceof StartFailure)) throw error;
        return tellFailure(terminal, error, given.json ? {} : null);
      }
    },
  };
}

function sentence({ transport, eras, server }: Found): string {
  const versions = eras.map(({ protocolVersion }) => protocolVersion).join(', ');
  return `${transport}, MCP ${versions}: ${nameOf(server)}\n`;
}

/** @returns name and version as the server says them, without control characters: they go to a terminal */
export function nameOf({ name, version }: JsonObject): string {
  const said = [name, version].filter(part => typeof part === 'string' && part !== '').join(' ');
  return said.replace(/\p{Cc}/gu, '').slice(0, 200) || 'a server without a name';
}

/** Transports in the order in which the specification tries them. @throws {StartFailure} none of them works */
async function detect({ config, timeoutMs }: RemoteArguments): Promise<Found> {
  const failures = new Map<string, string>();
  for (const transport of config.transport === 'detect' ? TRANSPORTS : [config.transport]) {
    try {
      return await speak({ ...config, transport }, transport, timeoutMs);
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      failures.set(error.message, [failures.get(error.message), transport].filter(Boolean).join(' and '));
    }
  }
  throw new StartFailure([...failures].map(([reason, transports]) => `${transports}: ${reason}`).join('; '));
}

async function speak(
  config: RemoteArguments['config'],
  transport: TransportName,
  timeoutMs: number,
): Promise<Found> {
  const first = await shakeHands(config, timeoutMs);
  const { era, protocolVersion, serverInfo } = first.handshake;
  await first.close();
  const eras = [{ era, protocolVersion }];
  if (era === 'legacy' && transport === 'streamable-http') {
    const modern = await modernVersion(config, timeoutMs);
    if (modern !== null) eras.push({ era: 'modern', protocolVersion: modern });
  }
  return { transport, eras, server: serverInfo };
}

/** null: the server does not speak the stateless era. */
async function modernVersion(config: RemoteArguments['config'], timeoutMs: number): Promise<string | null> {
  try {
    const lane = await shakeHands(config, timeoutMs, { era: 'modern' });
    await lane.close();
    return lane.handshake.protocolVersion;
  } catch (error) {
    if (error instanceof StartFailure) return null;
    throw error;
  }
}
