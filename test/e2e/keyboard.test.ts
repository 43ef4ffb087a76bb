import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { tinyServer } from '../support/http-client.ts';
import { describePage } from './support/browser.ts';
import { Stage } from './support/stage.ts';

describePage('the page from the keyboard alone', () => {
  const stage = new Stage([]);

  test('given services, when one is searched, opened and its past walked through, then Esc leads back step by step', async () => {
    const gateway = stage.gateway();
    await Promise.all(['files', 'search', 'time'].map(id => gateway.run(id, 'Persistent')));
    const { page, screen } = await stage.visit();
    await page.goto(gateway.ui);
    await screen.row('time').getByText('Ready.Healthy').waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('e');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => activeRow(page)).toContain('files');
    await page.keyboard.press('End');
    await expect.poll(() => activeRow(page)).toContain('time');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'search' }).waitFor();
    await screen.untilState('Ready.Healthy');

    await tabTo(page, 'slider');
    await page.keyboard.press('Home');
    await screen.untilLit('Pending.Asleep');
    await page.keyboard.press('End');
    await screen.untilLit('Ready.Healthy');
    await page.keyboard.press('Home');
    await page.keyboard.press('Escape');
    await screen.untilLit('Ready.Healthy');

    await tabTo(page, 'button', 'event');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('Back to now').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    // The address changes at once, what it shows in a later task of the browser.
    await expect.poll(() => activeRow(page)).toContain('search');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');

    await page.keyboard.press('/');
    await page.keyboard.type('sea');
    const grid = page.getByRole('grid');
    await expect.poll(() => rowPointedAt(grid)).toContain('search');
  });

  test('given the form, when it is filled in without a pointer, then the service is registered; Esc gives the focus back', async () => {
    const gateway = stage.gateway();
    const { page, screen } = await stage.visit();
    await page.goto(gateway.ui);
    await screen.button('Register').waitFor();
    await screen.button('Register').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Register');

    await page.keyboard.press('Enter');
    await page.keyboard.insertText(JSON.stringify(tinyServer()));
    await page.keyboard.press('Tab');
    await page.keyboard.type('by hand');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await screen.untilState('Ready.Healthy');
    expect(await gateway.api('services/by%20hand')).toMatchObject({
      type: 'OneShot',
      state: 'Ready.Healthy',
    });
  });

  test('given whatever has the focus, then it can be seen', async () => {
    const gateway = stage.gateway();
    await gateway.run('files', 'Persistent');
    const { page, screen } = await stage.visit();
    await page.goto(`${gateway.ui}#/services/files`);
    await screen.untilState('Ready.Healthy');
    await screen.events.first().waitFor();
    const stops = new Set<string>();
    for (let n = 0; n < 45; n++) {
      await page.keyboard.press('Tab');
      const { name, outline } = await focused(page);
      if (name === 'BODY') continue;
      expect(outline, name).toBeGreaterThan(0);
      stops.add(name);
    }
    expect([...stops].join()).toContain('drawing');
    expect(stops.size).toBeGreaterThan(9);
  });
});

/** The row the keys are at, as the element that has the focus points to it. */
const activeRow = (page: Page) => rowPointedAt(page.locator(':focus'));

const rowPointedAt = (element: Locator) =>
  element.evaluate(({ ariaActiveDescendantElement: row }) => row?.textContent ?? null);

const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const outline = outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth);
    const name = element === document.body ? 'BODY' : `${element.tagName} ${element.className}`;
    return { name, outline };
  });

/** Presses Tab until an element of that role, and with that class, has the focus. */
async function tabTo(page: Page, role: string, name = ''): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const element = document.activeElement;
      if (element instanceof HTMLInputElement && element.type === 'range') return 'slider';
      return `${element?.tagName.toLowerCase()} ${element?.className}`;
    });
    if (found.startsWith(role) && found.includes(name)) return;
  }
  throw new Error(`Tab does not lead to a ${role} ${name}`);
}
