/** A data directory for the gateways of one test after another: what every test has that ends one and starts the next. */
import { afterEach } from 'vitest';
import { type RunningGateway, removeDirectory, startGateway, temporaryDirectory } from './gateway-process.ts';

export interface GatewayHome {
  readonly dataDir: string;
  /** Starts the gateway over it, once the one before has ended. @param flags such as `--warmup lazy` */
  start(...flags: string[]): Promise<RunningGateway>;
}

/** To be called where hooks may be: after each test the gateway is ended and the directory is gone. */
export function gatewayHome(): GatewayHome {
  const dataDir = temporaryDirectory();
  let running: RunningGateway | undefined;
  afterEach(async () => {
    await running?.end('SIGTERM');
    removeDirectory(dataDir);
  });
  return {
    dataDir,
    start: async (...flags) => {
      running = await startGateway(dataDir, ...flags);
      return running;
    },
  };
}
