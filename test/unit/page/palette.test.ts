import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { styleSheet } from '../../../scripts/docs/svg-style.ts';

const css = readFileSync(new URL('../../../src/page/styles/base.css', import.meta.url), 'utf8');

test('given the hues of the drawings, then the page has the same, light and dark', () => {
  const [light = '', dark = ''] = styleSheet().split('@media');
  const huesIn = (text: string) =>
    [...text.matchAll(/\.hue-(\d) text \{ fill: (#\w+); \}/g)].map(([, n, hue]) => [n, hue]);
  const lights = huesIn(light);
  const darks = huesIn(dark);
  expect(lights).toHaveLength(6);
  lights.forEach(([n, hue], index) => {
    expect(css).toContain(`--hue-${n}: light-dark(${hue}, ${darks[index]?.[1]});`);
  });
});
