/** Search and filters above the list. */
import { SERVICE_TYPES, type ServiceType } from '../api/shapes.ts';
import type { Chart } from '../model/chart.ts';
import type { Wish } from '../model/order.ts';
import { h, setAttributes, setText } from '../parts/dom.ts';

export interface Toolbar {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  show(wish: Wish, counts: ReadonlyMap<string, number>): void;
  /** Says something of the list as a whole; empty: nothing. */
  note(text: string, title: string): void;
}

/** The filter by states has a button for each outermost state of the machine, with how many services are in it. */
export function toolbar(chart: Chart, change: (part: Partial<Wish>) => void): Toolbar {
  let states: ReadonlySet<string> = new Set();
  const toggle = (state: string) => {
    const wished = new Set(states);
    if (!wished.delete(state)) wished.add(state);
    change({ states: wished });
  };
  const search = h('input', {
    class: 'search',
    attributes: {
      ...{ type: 'search', placeholder: 'Search services', 'aria-label': 'Search services' },
      ...{ autocomplete: 'off', spellcheck: 'false', 'aria-keyshortcuts': '/' },
    },
  });
  search.addEventListener('input', () => change({ text: search.value }));
  const filters = chart.outermost.map(state => stateFilter(state, chart, toggle));
  const type = typeFilter(change);
  const note = h('span', { class: 'help' });
  return {
    element: h(
      'div',
      { class: 'toolbar' },
      search,
      h(
        'div',
        { class: 'filters', attributes: { role: 'group', 'aria-label': 'Filter by state' } },
        ...filters.map(({ element }) => element),
      ),
      type,
      note,
    ),
    search,
    show(wish, counts) {
      states = wish.states;
      for (const filter of filters) filter.show(wish.states, counts);
    },
    note(text, title) {
      setText(note, text);
      note.title = title;
    },
  };
}

function stateFilter(state: string, chart: Chart, toggle: (state: string) => void) {
  const count = h('b', { text: '0' });
  const element = h(
    'button',
    {
      class: `filter state hue-${chart.hue(state)}`,
      attributes: { type: 'button', title: chart.description(state) },
      on: { click: () => toggle(state) },
    },
    h('i', {}),
    h('span', { text: state }),
    count,
  );
  return {
    element,
    show(states: ReadonlySet<string>, counts: ReadonlyMap<string, number>) {
      setAttributes(element, { 'aria-pressed': String(states.has(state)) });
      setText(count, String(counts.get(state) ?? 0));
    },
  };
}

function typeFilter(change: (part: Partial<Wish>) => void): HTMLElement {
  const select = h(
    'select',
    { attributes: { 'aria-label': 'Filter by type' } },
    h('option', { text: 'All types', attributes: { value: '' } }),
    ...SERVICE_TYPES.map(type => h('option', { text: type, attributes: { value: type } })),
  );
  select.addEventListener('change', () => change({ type: (select.value || null) as ServiceType | null }));
  return select;
}
