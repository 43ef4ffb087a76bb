/** One handshake with a remote MCP server, from the command line. */
import { type Introduction, type Lane, StartFailure } from '../../backends/backend.ts';
import type { CommonConfig, RemoteConfig } from '../../backends/config/service-config.ts';
import { createLauncher } from '../../backends/launcher.ts';
import { connectRemote, type RemoteOptions } from '../../backends/remote/connect-remote.ts';
import { VERSION } from '../../settings/version.ts';
import { asFlags } from './as-flags.ts';

/** Whoever runs a command on their own machine may reach what that machine reaches; metadata addresses stay shut. */
export const OWN_REACH: RemoteOptions = { allowLoopback: true, allowedPrivateHosts: ['*'] };

/**
 * Connects, in one attempt, and shakes hands; close the lane afterwards.
 * @param timeoutMs longest silence of the server
 * @throws {StartFailure} it cannot be reached, refuses, or speaks no MCP; the message says which
 */
export async function shakeHands(
  config: RemoteConfig & CommonConfig,
  timeoutMs: number,
  introduction?: Introduction,
): Promise<Lane> {
  const once = { ...config, maxRetries: 0 };
  const launcher = createLauncher({
    connect: async (_, events, signal) => ({
      transport: await connectRemote(once, OWN_REACH, events, signal),
      spawned: null,
      stderrTail: () => [],
    }),
    version: VERSION,
    onFault: fault => {
      throw fault; // of a session, and none is opened here
    },
  });
  try {
    return await launcher.launch({
      id: 'command line',
      generation: 1,
      config: once,
      startTimeoutMs: timeoutMs,
      onSpawned: () => Promise.resolve(),
      signal: new AbortController().signal,
      ...(introduction && { lane: 1, introduction }),
    });
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    throw new StartFailure(asFlags(error.message), error.unspoken);
  }
}
