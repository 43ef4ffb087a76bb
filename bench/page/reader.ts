/** Somebody who reads the page: opens it, goes through it with the keys, and notes how quickly it follows. */
import type { Browser } from 'playwright-core';
import { percentile } from '../machine/statistics.ts';

/** Pause between two keys. */
const KEY_MS = 400;
/** The browser reports no event that took less. */
const LEAST_MS = 16;
/** Time the page has to load and settle before it is measured. */
const SETTLE_MS = 4_000;

export interface Reading {
  /** From the address to the first service on the screen, in ms. */
  readonly firstRowMs: number;
  /** Tasks above 50 ms, during which a page does not answer. */
  readonly longTasks: number;
  /** The longest of them, in ms; 0: there was none. */
  readonly longestMs: number;
  /** From key to picture, in ms: what 95 % stay below. */
  readonly keyMs: number;
  /** Of one core, the time of the page's own thread. */
  readonly pagePercent: number;
}

/** Reads for so long. @param keys pressed in turn */
export async function readPage(
  browser: Browser,
  url: string,
  { keys, ms }: { readonly keys: readonly string[]; readonly ms: number },
): Promise<Reading> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    const begin = performance.now();
    await page.goto(url);
    await page.locator('.row:not(.head)').first().waitFor();
    const firstRowMs = performance.now() - begin;
    await page.waitForTimeout(SETTLE_MS);
    await page.locator(url.includes('#') ? 'input[type=range]' : '.grid').focus();
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const taskSeconds = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    };
    await page.evaluate(watch);
    const busyBefore = await taskSeconds();
    const end = performance.now() + ms;
    let presses = 0;
    while (performance.now() < end) {
      await page.keyboard.press(keys[presses++ % keys.length] ?? '');
      await page.waitForTimeout(KEY_MS);
    }
    const busy = (await taskSeconds()) - busyBefore;
    const { tasks, events } = await page.evaluate(() => (window as unknown as Watched).watched);
    const quick = Array.from({ length: Math.max(0, presses - events.length) }, () => LEAST_MS);
    return {
      firstRowMs,
      longTasks: tasks.length,
      longestMs: Math.max(0, ...tasks),
      keyMs: percentile(Float64Array.from([...quick, ...events]).sort(), 0.95),
      pagePercent: (busy / (ms / 1000)) * 100,
    };
  } finally {
    await page.close();
  }
}

interface Watched {
  watched: { readonly tasks: number[]; readonly events: number[] };
}

/** Runs in the page; a function in here would need a helper of the bundler's. */
function watch(): void {
  const watched: Watched['watched'] = { tasks: [], events: [] };
  Object.assign(window, { watched });
  new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) watched.tasks.push(duration);
  }).observe({ type: 'longtask' });
  new PerformanceObserver(list => {
    for (const { name, duration } of list.getEntries()) if (name === 'keydown') watched.events.push(duration);
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
}
