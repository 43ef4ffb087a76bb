/** `npm run screenshots`: the pictures of docs/ui, of a real gateway with real services. Needs Chromium. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../test/e2e/support/chromium.ts';
import { pageGateway } from '../test/e2e/support/gateway.ts';
import { removeDirectory, startGateway, temporaryDirectory } from '../test/support/gateway-process.ts';
import { buildPage } from './page/build.ts';
import { fillStage } from './screenshots/stage.ts';

const FOLDER = fileURLToPath(new URL('../docs/ui/', import.meta.url));
const SIZE = { width: 1120, height: 720 };
const SHOWN = [
  ['services', ''],
  ['persistent', '#/services/files'],
  ['oneshot', '#/services/report'],
] as const;

await buildPage();
mkdirSync(FOLDER, { recursive: true });
const dataDir = temporaryDirectory();
const gateway = await startGateway(dataDir, '--restart-cooldown-ms', '4000', '--one-shot-idle-ms', '600000');
const browser = await startBrowser();
try {
  await fillStage(pageGateway(gateway.url));
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [name, hash] of SHOWN) {
      const page = await browser.newPage({ colorScheme, viewport: SIZE, reducedMotion: 'reduce' });
      await page.goto(`${gateway.url}/ui${hash}`);
      await page
        .locator(hash === '' ? '.rssBytes:not(.zero)' : '.drawing .lit')
        .first()
        .waitFor();
      // Two rounds of vitals, so that a share of processor time can be told.
      await page.waitForTimeout(4500);
      await page.screenshot({ path: `${FOLDER}${name}-${colorScheme}.png` });
      await page.close();
    }
  }
} finally {
  await browser.close();
  await gateway.end('SIGTERM');
  removeDirectory(dataDir);
}
