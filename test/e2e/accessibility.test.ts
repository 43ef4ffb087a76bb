import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { describePage } from './support/browser.ts';
import { Stage } from './support/stage.ts';

const LOOKS = [
  ['light', { width: 1440, height: 900 }],
  ['dark', { width: 1440, height: 900 }],
  ['light', { width: 390, height: 844 }],
] as const;

describePage('the page for those who do not see it as drawn', () => {
  const stage = new Stage([]);

  describe.each(LOOKS)('in %s, %o', (colorScheme, viewport) => {
    test('given the list, a service, its past and the form, then axe finds nothing wrong', async () => {
      const gateway = stage.gateway();
      await gateway.run('files', 'Persistent');
      await gateway.run('time', 'OneShot', '--fail-start', '9');
      const { page, screen } = await stage.visit({ colorScheme, viewport });
      await page.goto(gateway.ui);
      await screen.row('files').getByText('Ready.Healthy').waitFor();
      await screen.row('time').getByText('Ended.Failed').waitFor();
      expect(await problems(page)).toEqual([]);

      await screen.row('files').click();
      await screen.untilLit('Ready.Healthy');
      await screen.events.first().waitFor();
      expect(await problems(page)).toEqual([]);

      await screen.slider.focus();
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('ArrowLeft');
      await page.getByText('Back to now').waitFor();
      expect(await problems(page)).toEqual([]);

      await screen.button('Register').click();
      await page.getByRole('textbox', { name: 'Config' }).fill('{');
      expect(await problems(page)).toEqual([]);
    });
  });

  test('given a reader who wants stillness, when a state changes, then nothing moves', async () => {
    const gateway = stage.gateway();
    // One that takes its time to end: so that the state in which it does can be seen.
    await gateway.run('slow', 'Persistent', '--ignore-sigterm');
    const { page, screen } = await stage.visit({ reducedMotion: 'reduce' });
    await page.goto(`${gateway.ui}#/services/slow`);
    await screen.untilLit('Ready.Healthy');
    await page.evaluate(() => {
      const moved: string[] = [];
      for (const type of ['animationstart', 'transitionrun']) addEventListener(type, () => moved.push(type));
      const { animate } = Element.prototype;
      Element.prototype.animate = function (...given) {
        moved.push('animate');
        return animate.apply(this, given);
      };
      Object.assign(window, { moved });
    });
    await screen.button('Restart').click();
    await screen.untilLit('Unhealthy');
    await screen.untilLit('Ready.Healthy');
    expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([]);
  });

  test('given a phone, then nothing is wider than the screen but the drawing in its own frame', async () => {
    const gateway = stage.gateway();
    await gateway.run('a service with quite a long name that somebody gave to it', 'Persistent');
    const { page, screen } = await stage.visit({ viewport: { width: 360, height: 740 }, hasTouch: true });
    await page.goto(gateway.ui);
    await screen.row('long name').getByText('Ready.Healthy').waitFor();
    expect(await sideways(page)).toBe(0);
    await screen.row('long name').tap();
    await screen.untilLit('Ready.Healthy');
    await screen.events.first().waitFor();
    expect(await sideways(page)).toBe(0);
    await page.getByRole('button', { name: 'All services' }).tap();
    await screen.row('long name').waitFor();
  });
});

/** What axe finds, as lines that say what and where. */
async function problems(page: Page): Promise<readonly string[]> {
  // Rules of the drawing's colours would judge the middle of a movement. One that is cut short by the next does not finish.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState !== 'running'),
  );
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${target} ${html}`));
}

/** By how much the page can be scrolled to the side, in px. */
const sideways = (page: Page) =>
  page.evaluate(() =>
    Math.max(
      ...[...document.querySelectorAll('html, body, main, .list, .service, .bar')].map(
        element => element.scrollWidth - element.clientWidth,
      ),
    ),
  );
