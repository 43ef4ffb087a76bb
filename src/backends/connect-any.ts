/** Opens the pipe that a service's config asks for. */

import { StartFailure } from './backend.ts';
import type { Connect } from './connect.ts';
import { type StdioOptions, spawnStdio } from './stdio/transport.ts';

/** @throws {StartFailure} by rejection, when the backend cannot be reached; nothing of it is left then */
export function connectWith(options: StdioOptions): Connect {
  return async (config, events, signal) => {
    signal.throwIfAborted();
    if (config.kind === 'remote')
      throw new StartFailure('remote backends (url) are not supported yet; use a command');
    const connection = await spawnStdio(config, options, events);
    return {
      transport: connection.transport,
      spawned: connection.spawned,
      stderrTail: () => connection.stderrTail,
    };
  };
}
