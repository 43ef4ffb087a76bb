import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { callTool, configHeader, knock, tinyServer } from '../../support/http-client.ts';

describe('concurrent first requests', () => {
  const dataDir = temporaryDirectory();
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(dataDir);
  });
  afterAll(async () => {
    await gateway.end('SIGTERM');
    removeDirectory(dataDir);
  });

  it.each(['OneShot', 'Persistent'])(
    '30 with a header: one process, one initialize, 30 answers (%s, invariant 1)',
    async type => {
      const starts = join(dataDir, `starts-${type}`);
      const server = tinyServer('--state', starts, '--start-delay-ms', '200');
      const headers = { 'x-mcp-json': configHeader(server), 'x-mcp-type': type };
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => knock(gateway.url, `storm-${type}`, headers)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
      expect(new Set(answers.map(answer => answer.headers.get('mcp-session-id'))).size).toBe(30);
      expect(readFileSync(starts, 'utf8').trim().split('\n')).toHaveLength(1);
      const who = JSON.parse(await callTool(gateway.url, `storm-${type}`, 'who', {})) as {
        initializes: number;
      };
      expect(who.initializes).toBe(1);
    },
  );
});
