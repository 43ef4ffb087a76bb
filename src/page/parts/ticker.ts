/** One beat per second for everything that counts time; silent while nobody looks at the page. */
import { Signal } from './signal.ts';

const BEAT_MS = 1000;

/** Emits epoch ms. */
export const beat = new Signal<number>();

export function startTicker(): void {
  setInterval(() => {
    if (document.visibilityState === 'visible') beat.emit(Date.now());
  }, BEAT_MS);
}

/** Before the next picture; also in a page that is not drawn just now. */
export function soon(run: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(run);
  else setTimeout(run, BEAT_MS);
}
