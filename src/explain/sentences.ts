/**
 * What Evergate says of a service, as data: which sentence, and what varies in it. The words are the HTTP layer's
 * (src/http/locales/sentences), one set per language, so that nothing here knows a language.
 */
import type { StartCause } from '../actors/machine/model.ts';
import type { ServiceType } from '../actors/services.ts';

/** States are full paths, reasons English, times in ms. */
export interface Sentences {
  registered: { type: ServiceType };
  reconfigured: { type: ServiceType | null };
  settingsChanged: object;
  startAskedFor: { state: string; by: StartCause };
  restartAskedFor: { state: string };
  stopAskedFor: { state: string };
  removalAskedFor: { state: string };
  gatewayRestarted: { state: string };
  leftoversGone: object;
  diverged: { state: string; reason: string };
  permitted: { state: string };
  spawned: { pid: number };
  spawnedDirectly: { pid: number; package: string };
  spawnedByManager: { pid: number; reason: string };
  handshakeDone: { state: string; server: string };
  startFailed: { state: string; failures: number; reason: string };
  probeAnswered: { state: string };
  probeMissed: { state: string; misses: number; of: number; reason: string };
  probesFailed: { state: string; probes: number; reason: string };
  probeDecided: { state: string; reason: string };
  backendLost: { state: string; reason: string };
  lostTooOften: { state: string; failures: number; reason: string };
  idle: { state: string; idleMs: number };
  toolsListed: { count: number };
  toolsLost: { count: number; names: string };
  laneSpawned: { lane: number; pid: number };
  laneEnded: { lane: number; reason: string };
  tornDown: { state: string };
  processesGone: object;
  cooledDown: { state: string };
  stable: object;
  unknownEvent: { state: string; event: string };

  neverStarted: { state: string };
  notNeeded: { state: string };
  restartsAfter: { state: string; reason: string };
  waitsForPermit: { state: string };
  beingStarted: { state: string };
  beingStartedWithin: { state: string; limitMs: number; starts: number };
  shakingHands: { state: string; pid: number };
  shakingHandsWithin: { state: string; pid: number; limitMs: number; starts: number };
  answers: { state: string };
  missesProbes: { state: string; misses: number; of: number };
  beingRemoved: { state: string };
  ended: { state: string; reason: string };
  removed: { state: string };

  startsWithPermit: object;
  readyAfterHandshake: object;
  endsWhenIdle: object;
  sleepsWhenIdle: object;
  forgetsFailures: object;
  lostAfterProbes: { probes: number };
  becomesWhenGone: { state: string };
  restarts: object;
}

export type SentenceKey = keyof Sentences;

export type Sentence = {
  [K in SentenceKey]: { readonly key: K; readonly given: Readonly<Sentences[K]> };
}[SentenceKey];

/** One sentence. */
export function say<K extends SentenceKey>(key: K, given: Sentences[K]): Sentence {
  return { key, given } as Sentence;
}
