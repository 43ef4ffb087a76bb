import { expect, test } from 'vitest';
import { tinyServer } from '../support/http-client.ts';
import { describePage } from './support/browser.ts';
import { type PageGateway, pathOf } from './support/gateway.ts';
import type { Screen } from './support/screen.ts';
import { Stage } from './support/stage.ts';

interface Record {
  readonly seq: number;
  readonly event: { readonly type: string };
  readonly to: string;
}

describePage('the life of a service on the page', () => {
  const stage = new Stage(['--restart-cooldown-ms', '5000', '--restart-jitter', '0']);

  test('given an empty gateway, when a service is registered by the form, then it is seen to become Ready, to be lost, to cool down, and to come back', async () => {
    const gateway = stage.gateway();
    const { page, screen, faults } = await stage.visit();
    await page.goto(gateway.ui);
    await page.getByText('No services yet').waitFor();

    await screen.button('Register').click();
    const config = JSON.stringify({ mcpServers: { files: tinyServer() } });
    await page.getByRole('textbox', { name: 'Config' }).fill(config);
    await expect.poll(() => page.getByRole('textbox', { name: 'Id' }).inputValue()).toBe('files');
    await page.getByRole('dialog').getByRole('button', { name: 'Register' }).click();

    await screen.untilState('Ready.Healthy');
    await screen.untilLit('Ready.Healthy');
    await screen.row('files').getByText('Ready.Healthy').waitFor();
    await page
      .locator('.facts', { hasText: 'Memory' })
      .getByText(/^\d+ MB$/)
      .waitFor();

    const seen = await statesSeen(screen);
    const { pid } = await kill(gateway, 'files');
    await screen.untilState('CoolingDown');
    await page.getByText(/It restarts · in \d+ s/).waitFor();
    await screen.untilState('Ready.Healthy');
    const after = ['Unhealthy', 'CoolingDown', 'Pending.Queued', 'Pending.Starting', 'Ready.Healthy'];
    expect(await seen()).toEqual(after);
    expect(await gateway.api('services/files')).not.toMatchObject({ pid });
    expect(faults).toEqual([]);
  });

  test('given a past, when the slider is moved through it, then each moment is that of the API', async () => {
    const gateway = stage.gateway();
    await gateway.run('walked', 'Persistent');
    const { page, screen, faults } = await stage.visit();
    await page.goto(`${gateway.ui}#/services/walked`);
    await screen.untilState('Ready.Healthy');
    await gateway.untilSettled('walked');
    await kill(gateway, 'walked');
    await gateway.untilSettled('walked', 2);

    const { items } = await gateway.api<{ items: readonly Record[] }>('services/walked/events?limit=100');
    await expect.poll(() => screen.events.count()).toBe(items.length);
    await screen.slider.focus();
    for (const record of items.toReversed()) {
      await page.keyboard.press('ArrowLeft');
      const past = await gateway.api<{ state: string }>(`services/walked/state?at=${record.seq}`);
      expect(past.state).toBe(record.to);
      await screen.untilLit(past.state);
      await screen.untilState(past.state);
      await expect.poll(() => screen.slider.getAttribute('aria-valuetext')).toContain(record.to);
      await page.locator('.event[aria-current]', { hasText: record.event.type }).waitFor();
    }
    await page.getByText('Back to now').click();
    await screen.untilLit('Ready.Healthy');
    await expect.poll(() => page.locator('.event[aria-current]').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test('given a drawing that is larger than its frame, when a service is opened, or the window changes, then what is lit is in view', async () => {
    const gateway = stage.gateway();
    await gateway.run('in view', 'OneShot');
    const { page, screen } = await stage.visit({ viewport: { width: 1120, height: 700 } });
    await page.goto(`${gateway.ui}#/services/in%20view`);
    await screen.untilLit('Ready.Healthy');
    await expect.poll(() => screen.isLitInView()).toBe(true);
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => screen.isLitInView()).toBe(true);
  });

  test('given a moment between two events, when the slider is set there, then the state of that time is asked for and shown', async () => {
    const gateway = stage.gateway();
    await gateway.run('dragged', 'OneShot');
    const { page, screen } = await stage.visit();
    await page.goto(`${gateway.ui}#/services/dragged`);
    await screen.untilState('Ready.Healthy');
    const box = await screen.slider.boundingBox();
    if (box === null) throw new Error('the slider is not drawn');
    const asked = page.waitForRequest(request => request.url().includes('/state?at='));
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    const at = new URL((await asked).url()).searchParams.get('at') ?? '';
    expect(at).toMatch(/^\d{4}-.*Z$/);
    const past = await gateway.api<{ state: string }>(`services/dragged/state?at=${encodeURIComponent(at)}`);
    await screen.untilLit(past.state);
    await screen.untilState(past.state);
  });

  test('given a service that runs, when it is stopped, started and deleted by the buttons, then it is', async () => {
    const gateway = stage.gateway();
    await gateway.run('pressed', 'Persistent');
    const { page, screen, faults } = await stage.visit();
    await page.goto(`${gateway.ui}#/services/pressed`);
    await screen.untilState('Ready.Healthy');
    await expect.poll(() => screen.button('Start').isDisabled()).toBe(true);
    await screen.button('Stop').click();
    await screen.untilState('Ended.Completed');
    await screen.button('Start').click();
    await screen.untilState('Ready.Healthy');

    await screen.button('Delete').click();
    const dialog = page.getByRole('dialog', { name: 'Delete pressed?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await gateway.api('services/pressed')).toMatchObject({ state: 'Ready.Healthy' });
    await screen.button('Delete').click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await screen.row('pressed').waitFor({ state: 'detached' });
    await expect(gateway.api('services/pressed')).rejects.toThrow('404');
    expect(faults).toEqual([]);
  });

  test('given a config that is wrong, when it is registered, then the form names the field, and nothing is registered', async () => {
    const gateway = stage.gateway();
    const { page, screen } = await stage.visit();
    await page.goto(gateway.ui);
    await screen.button('Register').click();
    const dialog = page.getByRole('dialog');
    const config = page.getByRole('textbox', { name: 'Config' });
    const send = async (text: string, id?: string) => {
      await config.fill(text);
      if (id !== undefined) await page.getByRole('textbox', { name: 'Id' }).fill(id);
      await dialog.getByRole('button', { name: 'Register' }).click();
    };
    await send('{"mcpServers": {"broken": {"command": "node", "args": [1]}}}');
    await dialog.getByText('mcpServers.broken.args[0]').waitFor();
    await expect.poll(() => config.getAttribute('aria-invalid')).toBe('true');
    await send('{"command": "node"', 'broken');
    await dialog.getByText('config is not valid JSON').waitFor();
    await send('{"command": "node"}', 'a/b');
    await dialog.getByText('contains "/"').waitFor();
    const id = page.getByRole('textbox', { name: 'Id' });
    await expect.poll(() => id.getAttribute('aria-invalid')).toBe('true');
    await expect(gateway.api(pathOf('broken'))).rejects.toThrow('404');
  });

  test('given the settings of another client with several servers, when they are pasted, then each becomes a service', async () => {
    const gateway = stage.gateway();
    const { page, screen } = await stage.visit();
    await page.goto(gateway.ui);
    await screen.button('Register').click();
    const config = JSON.stringify({ mcpServers: { first: tinyServer(), second: tinyServer() } });
    await page.getByRole('textbox', { name: 'Config' }).fill(config);
    await page.getByText('2 services: first, second.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Register 2 services' }).click();
    for (const id of ['first', 'second']) await screen.row(id).getByText('Ready.Healthy').waitFor();
  });
});

/** Ends the process of a service. */
async function kill(gateway: PageGateway, id: string): Promise<{ pid: number }> {
  const service = await gateway.api<{ pid: number }>(pathOf(id));
  process.kill(service.pid, 'SIGKILL');
  return service;
}

/** Collects the states that the head of the open service shows from now on, however briefly. */
async function statesSeen({ page }: Screen): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const seen: string[] = [];
    const mark = document.querySelector('.why .state');
    if (mark === null) throw new Error('no service is open');
    new MutationObserver(changes => {
      for (const { addedNodes } of changes) seen.push(...[...addedNodes].map(node => node.textContent ?? ''));
    }).observe(mark, { subtree: true, childList: true });
    Object.assign(window, { seen });
  });
  return () => page.evaluate(() => (window as unknown as { seen: string[] }).seen);
}
