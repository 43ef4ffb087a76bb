import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { serviceMachine } from '../../../src/actors/machine/index.ts';
import { chartOf } from '../../../src/drawing/chart.ts';

const PAGE = new URL('../../../src/page/', import.meta.url);

/** The code without its comments: they may speak of states. */
const codeOf = (file: string) =>
  readFileSync(new URL(file, PAGE), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

test('given the code and styles of the page, then they know no state by name: the drawing is the machine', () => {
  const files = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).filter(file =>
    /\.(ts|css|html)$/.test(file),
  );
  expect(files.length).toBeGreaterThan(30);
  const names = chartOf(serviceMachine).states.map(({ name }) => name);
  const word = new RegExp(`\\b(${names.join('|')})\\b`);
  expect(files.filter(file => word.test(codeOf(file)))).toEqual([]);
});
