/** Opens the pipe that a service's config asks for. */
import type { Connect } from './connect.ts';
import type { RemoteOptions } from './remote/connect-remote.ts';
import { type StdioOptions, spawnStdio } from './stdio/transport.ts';

export interface ConnectOptions extends StdioOptions {
  /** Where remote backends may be; by default neither at private nor at loopback addresses. */
  readonly remote?: RemoteOptions;
}

/** @throws {StartFailure} by rejection, when the backend cannot be reached; nothing of it is left then */
export function connectWith(options: ConnectOptions): Connect {
  const { maxMessageBytes, maxQueuedBytes } = options;
  const remote = {
    allowLoopback: false,
    ...(maxMessageBytes !== undefined && { maxMessageBytes }),
    ...(maxQueuedBytes !== undefined && { maxQueuedBytes }),
    ...options.remote,
  };
  return async (config, events, signal, secrets, directly) => {
    signal.throwIfAborted();
    if (config.kind === 'remote') {
      // Most gateways have no remote backend.
      const { connectRemote } = await import('./remote/connect-remote.ts');
      const transport = await connectRemote(config, remote, events, signal);
      return { transport, spawned: null, stderrTail: () => [] };
    }
    const connection = await spawnStdio(
      config,
      { ...options, stderr: { ...options.stderr, secrets } },
      events,
      directly,
      signal,
    );
    return {
      transport: connection.transport,
      spawned: connection.spawned,
      ran: connection.ran,
      stderrTail: () => connection.stderrTail,
    };
  };
}
