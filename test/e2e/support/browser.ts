/** Tests that need a browser: skipped where there is none, unless it is demanded. */
import { describe } from 'vitest';
import { chromiumPath, REMEDY } from './chromium.ts';

if (chromiumPath === undefined) {
  if (process.env.REQUIRE_BROWSER === '1') {
    throw new Error(`The tests of the page need a browser: ${REMEDY}`);
  }
  process.stderr.write(`Tests of the page are skipped: ${REMEDY}\n`);
}

/** Like `describe`; where there is no browser, a line says that the tests are skipped. */
export const describePage = describe.skipIf(chromiumPath === undefined);
