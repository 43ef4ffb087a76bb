import { describe, expect, it } from 'vitest';
import { MetricsPage } from '../../../src/metrics/exposition.ts';
import { Histogram } from '../../../src/metrics/histogram.ts';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import { readMetrics } from '../../support/metrics.ts';

describe('a page of metrics', () => {
  it('given counters and gauges, then each family has its help, its type and its samples', () => {
    const page = new MetricsPage();
    page.counter('calls_total', 'Calls.', [
      [{ outcome: 'ok' }, 2],
      [{ outcome: 'lost' }, 0],
    ]);
    page.gauge('sessions', 'Open\nsessions, \\ and all.', 1.5);
    expect(page.toString()).toBe(
      [
        '# HELP evergate_calls_total Calls.',
        '# TYPE evergate_calls_total counter',
        'evergate_calls_total{outcome="ok"} 2',
        'evergate_calls_total{outcome="lost"} 0',
        '# HELP evergate_sessions Open\\nsessions, \\\\ and all.',
        '# TYPE evergate_sessions gauge',
        'evergate_sessions 1.5',
        '',
      ].join('\n'),
    );
  });

  it('given labels with quotes, backslashes and line breaks, then a scraper reads them as they were', () => {
    const page = new MetricsPage();
    const hostile = 'a"} 1\nevergate_forged 1\\';
    page.gauge('build_info', 'x', [[{ version: hostile, node: 'v20' }, 1]]);
    expect(readMetrics(page.toString()).samples).toEqual([
      { name: 'evergate_build_info', labels: { version: hostile, node: 'v20' }, value: 1 },
    ]);
  });

  it('given a histogram, then its buckets are cumulative, inclusive, in seconds, and end at +Inf', () => {
    const histogram = new Histogram([1, 10]);
    for (const ms of [0, 1, 1.001, 10, 11, 5000]) histogram.observe(ms);
    const page = new MetricsPage();
    page.histogram('x_seconds', 'x', [[{ kind: 'a' }, histogram]]);
    const { samples } = readMetrics(page.toString());
    expect(samples.map(({ name, labels, value }) => [name, labels.le, value])).toEqual([
      ['evergate_x_seconds_bucket', '0.001', 2],
      ['evergate_x_seconds_bucket', '0.01', 4],
      ['evergate_x_seconds_bucket', '+Inf', 6],
      ['evergate_x_seconds_sum', undefined, 5.023001],
      ['evergate_x_seconds_count', undefined, 6],
    ]);
  });
});

describe('metrics', () => {
  it('given a source that fails, then the others are on the page, and the fault is told', async () => {
    const faults: unknown[] = [];
    const broken = new Error('cannot be read');
    const metrics = createMetrics(
      [page => page.gauge('a', 'a', 1), () => Promise.reject(broken), page => page.gauge('b', 'b', 2)],
      error => faults.push(error),
    );
    expect(readMetrics(await metrics.render()).samples.map(({ name }) => name)).toEqual([
      'evergate_a',
      'evergate_b',
    ]);
    expect(faults).toEqual([broken]);
  });

  it('given several who ask at once, then the page is made once, and anew for who asks later', async () => {
    let made = 0;
    const metrics = createMetrics(
      [
        async page => {
          made++;
          await new Promise(resolve => setImmediate(resolve));
          page.gauge('made', 'made', made);
        },
      ],
      () => undefined,
    );
    const pages = await Promise.all([metrics.render(), metrics.render()]);
    expect([new Set(pages).size, made]).toEqual([1, 1]);
    await metrics.render();
    expect(made).toBe(2);
  });
});
