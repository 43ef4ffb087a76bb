/** The settings by which the gateway refuses work early instead of dying of it. */
import { totalmem } from 'node:os';
import { defaultHttpSettings } from '../http/settings.ts';
import { setting, wholeNumber } from './kinds.ts';

const MIB = 1024 * 1024;
const MAX_BYTES = 2 ** 50;

/** Memory of the container, where there is one with a limit, else of the machine. */
function memoryThereIs(): number {
  const { constrainedMemory } = process;
  const limit = constrainedMemory?.() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

export const OVERLOAD = {
  rateLimitPerSecond: setting(
    wholeNumber(0, 1_000_000),
    defaultHttpSettings.rateLimitPerSecond,
    'Requests a second of one principal, or of one address where nobody has to say who they are; past it 0009. 0 is any number.',
  ),
  rateLimitBurst: setting(
    wholeNumber(1, 1_000_000),
    defaultHttpSettings.rateLimitBurst,
    'Requests that a principal may make at once after a pause.',
  ),
  rateLimitPrincipals: setting(
    wholeNumber(1, 10_000_000),
    defaultHttpSettings.rateLimitPrincipals,
    'Principals whose use is remembered.',
  ),
  wrongTokensPerMinute: setting(
    wholeNumber(0, 1_000_000),
    defaultHttpSettings.wrongTokensPerMinute,
    'Wrong tokens a minute that one address may present; past it 0009, but for who has been good there. 0 is any number.',
  ),
  wrongTokenAddresses: setting(
    wholeNumber(1, 10_000_000),
    defaultHttpSettings.wrongTokenAddresses,
    'Addresses whose wrong tokens are counted.',
  ),
  maxEventLoopLagMs: setting(
    wholeNumber(0, 60_000),
    1_000,
    'Mean lag of the event loop in half a second, twice in a row, from which new work is refused with 0009; 0 is never.',
  ),
  maxMemoryBytes: setting(
    wholeNumber(0, MAX_BYTES),
    Math.floor(memoryThereIs() / 2),
    'Memory of heap and buffers from which new work is refused with 0009; 0 is never.',
    { shownDefault: 'half of what the container or the machine has' },
  ),
  maxTotalBodyBytes: setting(
    wholeNumber(MIB, MAX_BYTES),
    defaultHttpSettings.maxTotalBodyBytes,
    'Memory for bodies, over 64 KiB each, of requests that are not answered yet; past it 0009.',
  ),
};
