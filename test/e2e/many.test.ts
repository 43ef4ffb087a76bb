import { expect, onTestFinished, test } from 'vitest';
import { fillLog } from '../support/filled-log.ts';
import { removeDirectory, startGateway, temporaryDirectory } from '../support/gateway-process.ts';
import { describePage } from './support/browser.ts';
import { Stage } from './support/stage.ts';

const SERVICES = 6000;

describePage('more services than anybody reads', () => {
  const stage = new Stage(null);

  test('given thousands, when the last is searched while they load, then it is there; few rows exist, whatever is scrolled to', async () => {
    const dataDir = temporaryDirectory();
    onTestFinished(() => removeDirectory(dataDir));
    await fillLog(dataDir, { services: SERVICES, records: SERVICES });
    const gateway = await startGateway(dataDir);
    onTestFinished(() => gateway.end('SIGTERM').then(() => {}));
    const { page, screen, faults } = await stage.visit();
    // The rest of the list never comes: only the search can have found it.
    let pages = 0;
    await page.route(/\/services\?limit=\d+(&cursor=.*)?$/, route => {
      if (++pages <= 3) return route.continue();
    });
    await page.goto(`${gateway.url}/ui`);
    await page.getByText('600 services so far').waitFor();
    await page.getByRole('searchbox').fill('service-005999');
    await screen.row('service-005999').waitFor();

    await page.getByRole('searchbox').fill('');
    await screen.row('service-000000').waitFor();
    const rows = page.locator('.row:not(.head)');
    expect(await rows.count()).toBeLessThan(60);
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await screen.row('service-005999').waitFor();
    expect(await rows.count()).toBeLessThan(60);
    expect(faults).toEqual([]);
  });
});
