/** The head of the list: a click on a column sorts by it, another one turns the order around. */
import type { Wish } from '../model/order.ts';
import { h, setAttributes } from '../parts/dom.ts';
import { COLUMNS, type Column } from './columns.ts';

export interface ListHead {
  readonly element: HTMLElement;
  show(wish: Wish): void;
}

export function listHead(change: (part: Partial<Wish>) => void): ListHead {
  let now: Pick<Wish, 'sort' | 'descending'> = { sort: 'id', descending: false };
  const sortBy = ({ key, greatestFirst }: Column) => {
    const descending = now.sort === key ? !now.descending : greatestFirst;
    change({ sort: key, descending });
  };
  const cells = COLUMNS.map(column =>
    h(
      'div',
      { class: `cell ${column.key}`, attributes: { role: 'columnheader' } },
      h('button', {
        text: column.title,
        attributes: { type: 'button', title: column.help },
        on: { click: () => sortBy(column) },
      }),
    ),
  );
  return {
    element: h('div', { class: 'row head', attributes: { role: 'row', 'aria-rowindex': 1 } }, ...cells),
    show(wish) {
      now = wish;
      COLUMNS.forEach(({ key }, n) => {
        const cell = cells[n];
        if (cell === undefined) return;
        const order = wish.descending ? 'descending' : 'ascending';
        setAttributes(cell, { 'aria-sort': key === wish.sort ? order : null });
      });
    },
  };
}
