import { expect, test } from 'vitest';
import { describePage } from './support/browser.ts';
import { Stage } from './support/stage.ts';

const HOSTILE = [
  '<img src=x onerror="document.title=1">',
  '"><script>document.title=1<\u200b!--',
  "'; javascript:alert(1) #?&%2e",
  '\u202eevil\u202c Ω 文件 🙂',
  '__proto__',
  'x'.repeat(128),
];

describePage('ids that are hostile', () => {
  const stage = new Stage([]);

  test.each(HOSTILE)(
    'given a service %s, when it is listed and opened, then it is text and nothing else',
    async id => {
      const gateway = stage.gateway();
      await gateway.run(id, 'OneShot');
      const { page, screen, faults } = await stage.visit();
      await page.goto(gateway.ui);
      const row = screen.row(id);
      await row.getByText('Ready.Healthy').waitFor();
      await row.click();
      await screen.untilState('Ready.Healthy');
      expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe(id);
      await expect.poll(() => page.title()).toBe(`${id} · Evergate`);
      expect(await page.locator('img, script:not([src])').count()).toBe(0);
      await page.reload();
      await screen.untilState('Ready.Healthy');
      expect(faults).toEqual([]);
    },
  );

  test('given the policy of the page, when a script tries to make elements of text, load or frame anything, then the browser refuses', async () => {
    const gateway = stage.gateway();
    const { page, screen, faults } = await stage.visit();
    await page.goto(gateway.ui);
    await screen.button('Register').waitFor();
    const refused = await page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>text</b>';
        return 'allowed';
      } catch (error) {
        return error instanceof TypeError ? 'refused' : String(error);
      }
    });
    expect(refused).toBe('refused');
    await page.evaluate(() => {
      document.body.append(Object.assign(document.createElement('img'), { src: 'http://127.0.0.1:9/x.png' }));
    });
    await expect.poll(() => faults.some(fault => fault.includes('img-src'))).toBe(true);
  });
});
