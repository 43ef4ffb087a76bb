import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { toSvg } from '../../scripts/docs/svg.ts';
import { serviceMachine } from '../../src/actors/machine/index.ts';
import { chartOf } from '../../src/drawing/chart.ts';
import { toMachineJson } from '../../src/drawing/machine-json.ts';
import { graphOf } from '../../src/drawing/nodes.ts';
import { describePage } from './support/browser.ts';
import { Stage } from './support/stage.ts';

/** The machine of services with one more state, into which services that sleep are put to hibernate. */
const withOneMore = createMachine({
  ...serviceMachine.config,
  on: { ...serviceMachine.config.on, 'winter came': '.Hibernating' },
  states: {
    ...serviceMachine.config.states,
    Hibernating: { description: 'Until spring.', on: { 'spring came': 'Pending' } },
  },
} as never);

describePage('the drawing is the machine', () => {
  const stage = new Stage([]);

  test('given a state that is added to the machine, then it is drawn, lit, listed and filtered by, and no code of the page was touched', async () => {
    const gateway = stage.gateway();
    await gateway.run('bear', 'Persistent');
    // What comes live would put the real state over the one made up here.
    await gateway.untilSettled('bear');
    const { page, screen, faults } = await stage.visit();
    const chart = chartOf(withOneMore);
    await page.route('**/api/v1/statechart?*', async route => {
      const type =
        new URL(route.request().url()).searchParams.get('type') === 'OneShot' ? 'OneShot' : 'Persistent';
      if (route.request().headers().accept?.includes('svg')) {
        return route.fulfill({ contentType: 'image/svg+xml', body: await toSvg(chart, type) });
      }
      const data = { type, machine: toMachineJson(withOneMore), ...graphOf(chart, type) };
      return route.fulfill({ json: { code: '0000', data } });
    });
    const hibernates = { state: 'Hibernating', why: 'Hibernating because winter came' };
    await page.route('**/api/v1/services?*', async route => {
      const response = await route.fetch();
      const body = await response.json();
      body.data.items = body.data.items.map((item: object) => ({ ...item, ...hibernates }));
      return route.fulfill({ response, json: body });
    });
    await page.route('**/api/v1/services/bear', async route => {
      const response = await route.fetch();
      const body = await response.json();
      return route.fulfill({ response, json: { ...body, data: { ...body.data, ...hibernates } } });
    });

    await page.goto(gateway.ui);
    const filter = page
      .getByRole('group', { name: 'Filter by state' })
      .getByRole('button', { name: 'Hibernating 1' });
    await filter.click();
    await screen.row('bear').getByText('Hibernating').click();
    await screen.untilLit('Hibernating');
    await page.getByText('because winter came').waitFor();
    // The seventh of the outermost states begins the six colours anew.
    expect(await page.locator('.drawing .lit').getAttribute('class')).toContain('hue-0');
    expect(await page.locator('.drawing .edge[data-event="spring came"]').count()).toBe(1);
    await expect.poll(() => screen.button('Start').isDisabled()).toBe(true);
    await expect.poll(() => screen.button('Delete').isDisabled()).toBe(false);
    expect(faults).toEqual([]);
  });
});
