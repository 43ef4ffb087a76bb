/** The services of these tests: all have the witness for a backend, of one kind or another. */
import { fileURLToPath } from 'node:url';
import { parseServiceConfig } from '../../src/backends/config/parse-config.ts';
import { configFingerprint } from '../../src/backends/config/stored-config.ts';

export const KINDS = ['steady', 'stubborn', 'family', 'fails', 'idle'] as const;
export type Kind = (typeof KINDS)[number];

const WITNESS = fileURLToPath(new URL('../fixtures/witness-server.mjs', import.meta.url));
const FLAGS: Readonly<Record<Kind, readonly string[]>> = {
  steady: [],
  stubborn: ['--stubborn'],
  family: ['--family'],
  fails: ['--fails'],
  idle: [],
};
/** Long enough for a call, short enough to be seen. */
const IDLE_MS = 150;

/** A config no other registration has: `version` is in it. */
export function configOf(kind: Kind, journal: string, service: string, version: number): object {
  return {
    command: process.execPath,
    args: [WITNESS, '--journal', journal, '--service', service, '--version', `${version}`, ...FLAGS[kind]],
    ...(kind === 'idle' && { idleTimeoutMs: IDLE_MS }),
  };
}

/** As records have it. */
export const fingerprintOf = (config: object): string => configFingerprint(parseServiceConfig(config));
