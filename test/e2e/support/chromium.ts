/** The browser that drives the page for tests, measurements and screenshots: Debian's Chromium, or another that is installed. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** It fetches nothing by itself; without a sandbox because CI runs as root. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What to do where none is found. */
export const REMEDY = 'install chromium, or name a browser in EVERGATE_CHROMIUM';

/** Path of the browser; undefined: there is none. */
export const chromiumPath: string | undefined = [process.env.EVERGATE_CHROMIUM, ...PLACES].find(
  path => path !== undefined && existsSync(path),
);

/** Starts it. @throws {Error} there is none, with the remedy */
export function startBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(`There is no browser: ${REMEDY}`);
  return chromium.launch({ executablePath: chromiumPath, args: FLAGS });
}
