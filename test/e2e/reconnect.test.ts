import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { removeDirectory, startGateway, temporaryDirectory } from '../support/gateway-process.ts';
import { describePage } from './support/browser.ts';
import { pageGateway } from './support/gateway.ts';
import type { Screen } from './support/screen.ts';
import { Stage } from './support/stage.ts';

describePage('the page and a gateway that goes away', () => {
  const stage = new Stage(null);

  test('given a live page, when the gateway is killed and comes back, then the page says so, comes back by itself and has missed nothing', async () => {
    const { dataDir, first } = await gatewayThatComesBack();
    const { page, screen, faults } = await stage.visit();
    const asked = lastEventIds(page);
    await page.goto(`${first.url}/ui`);
    await page.getByText('No services yet').waitFor();
    await pageGateway(first.url).run('files', 'Persistent');
    await screen.row('files').getByText('Ready.Healthy').click();
    await screen.events.filter({ hasText: 'start succeeded' }).waitFor();

    await first.end('SIGKILL');
    await page.getByText(/^Disconnected/).waitFor();
    const second = await comeBack(dataDir, first.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await screen.events.filter({ hasText: 'gateway restarted' }).waitFor();
    await untilAllEvents(screen, second.url);
    expect(asked.at(-1)).toMatch(/^\d+$/);
    expect(faults).toEqual([]);
  });

  test('given a page that no event has reached yet, when the gateway comes back, then it reads everything again', async () => {
    const { dataDir, first } = await gatewayThatComesBack();
    const gateway = pageGateway(first.url);
    await gateway.run('files', 'Persistent');
    await gateway.run('gone', 'OneShot');
    for (const id of ['files', 'gone']) await gateway.untilSettled(id);
    const { page, screen } = await stage.visit();
    const asked = lastEventIds(page);
    await page.goto(`${first.url}/ui#/services/files`);
    await screen.untilState('Ready.Healthy');
    await screen.events.first().waitFor();

    await first.end('SIGTERM');
    await page.getByText(/^Disconnected/).waitFor();
    const second = await comeBack(dataDir, first.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await screen.row('gone').getByText('Ended.Completed').waitFor();
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.filter(id => id !== undefined)).toEqual([]);
    await untilAllEvents(screen, second.url);
  });

  test('given a gateway with too much to do, when it refuses the stream and the list, then the page asks again later', async () => {
    const { first } = await gatewayThatComesBack();
    onTestFinished(() => first.end('SIGTERM').then(() => {}));
    await pageGateway(first.url).run('files', 'Persistent');
    const { page, screen } = await stage.visit();
    const refused = new Set<string>();
    await page.route(/\/v1\/(events|services)\?/, route => {
      const { pathname } = new URL(route.request().url());
      if (refused.has(pathname)) return route.continue();
      refused.add(pathname);
      return route.fulfill({
        status: 429,
        headers: { 'retry-after': '1' },
        json: { code: '0009', message: 'busy' },
      });
    });
    await page.goto(`${first.url}/ui`);
    await page.getByText('Live', { exact: true }).waitFor();
    await screen.row('files').getByText('Ready.Healthy').waitFor();
    expect(refused.size).toBe(2);
  });
});

async function gatewayThatComesBack() {
  const dataDir = temporaryDirectory();
  onTestFinished(() => removeDirectory(dataDir));
  return { dataDir, first: await startGateway(dataDir, '--port', String(await freePort())) };
}

async function comeBack(dataDir: string, url: string) {
  const second = await startGateway(dataDir, '--port', new URL(url).port);
  onTestFinished(() => second.end('SIGTERM').then(() => {}));
  return second;
}

/** The ids with which the page has asked for the stream. */
function lastEventIds(page: Page): readonly (string | undefined)[] {
  const asked: (string | undefined)[] = [];
  page.on('request', request => {
    if (request.url().includes('/v1/events?')) asked.push(request.headers()['last-event-id']);
  });
  return asked;
}

/** Resolves when the timeline has as many events as the gateway. */
async function untilAllEvents(screen: Screen, url: string): Promise<void> {
  await screen.untilState('Ready.Healthy');
  const path = 'services/files/events?limit=200';
  const count = async () => (await pageGateway(url).api<{ items: readonly unknown[] }>(path)).items.length;
  await expect.poll(async () => (await screen.events.count()) - (await count())).toBe(0);
}
