import { expect, test } from 'vitest';
import { describePage } from './support/browser.ts';
import { Stage } from './support/stage.ts';

const TOKENS = ['--auth-tokens', 'boss:view+manage+call:boss-token,guest:view:guest-token'];

describePage('the page of a gateway with tokens', () => {
  const stage = new Stage(TOKENS);

  test('given no token, when the page is opened, then it asks, again after a wrong one, and is live after a good one', async () => {
    const boss = stage.gateway('boss-token');
    await boss.run('files', 'Persistent');
    const { page, screen, faults } = await stage.visit();
    const sent: string[] = [];
    page.on('request', request => sent.push(request.headers().authorization ?? 'none'));
    await page.goto(boss.ui);

    const dialog = page.getByRole('dialog', { name: 'This gateway wants a token' });
    await dialog.getByLabel('Token').fill('wrong');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    // The dialog of before has its token still; the one that asks again is empty.
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('dialog[open] #token')?.value === '',
    );
    await dialog.getByLabel('Token').fill('boss-token');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    await screen.row('files').getByText('Ready.Healthy').click();
    await screen.untilLit('Ready.Healthy');
    await screen.button('Stop').click();
    await screen.untilState('Ended.Completed');

    expect(sent).toEqual(expect.arrayContaining(['none', 'Bearer wrong', 'Bearer boss-token']));
    expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, '']);
    expect(page.url()).not.toContain('token');
    await page.reload();
    await screen.untilState('Ended.Completed');
    await screen.button('Sign out').click();
    await dialog.waitFor();
    await expect.poll(() => page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(faults).toEqual([]);
  });

  test('given a token that may only look, when a button is pressed, then the page says what is missing', async () => {
    const boss = stage.gateway('boss-token');
    await boss.run('watched', 'Persistent');
    const { page, screen } = await stage.visit();
    await page.addInitScript(() => sessionStorage.setItem('evergate.token', 'guest-token'));
    await page.goto(`${boss.ui}#/services/watched`);
    await screen.untilState('Ready.Healthy');
    await screen.button('Stop').click();
    await page.getByText('lacks the scope manage').waitFor();
    expect(await boss.api('services/watched')).toMatchObject({ state: 'Ready.Healthy' });
  });
});
