/** A real browser for the tests of the page: Debian's Chromium, or another one that is installed. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

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

const { EVERGATE_CHROMIUM, EVERGATE_REQUIRE_BROWSER } = process.env;
const executablePath = [EVERGATE_CHROMIUM, ...PLACES].find(path => path !== undefined && existsSync(path));

if (executablePath === undefined) {
  const remedy = 'install chromium, or name a browser in EVERGATE_CHROMIUM';
  if (EVERGATE_REQUIRE_BROWSER === '1') throw new Error(`The tests of the page need a browser: ${remedy}`);
  process.stderr.write(`Tests of the page are skipped: ${remedy}\n`);
}

/** Tests that need the browser; skipped, with a line that says so, where there is none. */
export const describePage = describe.skipIf(executablePath === undefined);

/** Starts the browser; one serves all tests of a file. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ ...(executablePath !== undefined && { executablePath }), args: FLAGS });
