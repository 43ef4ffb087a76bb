/** One line of the list. */
import type { Row } from '../model/book.ts';
import type { Chart } from '../model/chart.ts';
import { h, setAttributes, setText } from '../parts/dom.ts';
import { stateMark } from '../parts/state-mark.ts';
import { COLUMNS } from './columns.ts';
import type { RowElement } from './virtual-rows.ts';

export interface RowContext {
  readonly chart: Chart;
  /** Id of the row the keys are at. */
  active(): string | null;
  open(id: string): void;
}

/** The element id of a row, for the list to point at. */
export const rowId = (index: number): string => `row-${index}`;

export function rowElement({ chart, active, open }: RowContext): RowElement<Row> {
  const mark = stateMark();
  const cells = COLUMNS.map(({ key }) =>
    h(
      'div',
      { class: `cell ${key}`, attributes: { role: 'gridcell' } },
      key === 'state' ? mark.element : null,
    ),
  );
  const element = h('div', { class: 'row', attributes: { role: 'row' } }, ...cells);
  let shown: Row | null = null;
  let state = '';
  element.addEventListener('click', () => {
    if (shown !== null) open(shown.id);
  });
  return {
    element,
    show(row, index) {
      const hasMoved = shown === row && row.state !== state;
      shown = row;
      state = row.state;
      const isActive = row.id === active();
      element.classList.toggle('active', isActive);
      // The header is row 1.
      setAttributes(element, {
        id: rowId(index),
        'aria-rowindex': index + 2,
        'aria-selected': String(isActive),
      });
      const now = Date.now();
      COLUMNS.forEach((column, n) => {
        const cell = cells[n];
        if (cell === undefined) return;
        if (column.key === 'state') mark.show(row.state, chart);
        else setText(cell, column.text(row, now));
        cell.classList.toggle('zero', !row[column.key]);
        if (column.key === 'id') cell.title = row.id;
      });
      if (hasMoved) mark.pulse();
    },
  };
}
