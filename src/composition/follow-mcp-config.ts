/** The server files of MCP clients that are declared and followed. */
import type { Logger } from 'pino';
import type { Registry } from '../actors/registry.ts';
import { systemClock } from '../backends/clock.ts';
import type { Settings } from '../config.ts';
import { McpConfigFiles } from '../mcp-config/follow.ts';

export function followMcpConfig(settings: Settings, logger: Logger, registry: Registry): McpConfigFiles {
  return new McpConfigFiles({
    files: settings.mcpConfig,
    dataDir: settings.dataDir,
    registry,
    clock: systemClock,
    startNew: settings.warmup === 'gated',
    taken: settings.mcpServers.map(({ id }) => id),
    onDone: (what, id, file) => logger.info({ id, file, what }, 'server file'),
    onFault: err =>
      logger.error({ err }, 'a server file could not be taken over; what was declared before stays'),
  });
}
