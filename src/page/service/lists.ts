/** The smaller parts of a service: what its backend wrote, its tools, its lanes. */
import type { LaneView, Tool } from '../api/shapes.ts';
import { h, setText } from '../parts/dom.ts';
import { laneWords } from './facts.ts';

export interface Part<T> {
  readonly element: HTMLElement;
  /** undefined: this gateway does not tell, and the part is not shown. */
  show(value: T | undefined): void;
}

/** The last lines of standard error; stays at the end unless the reader scrolled up. */
export function stderrPart(): Part<readonly string[]> {
  const lines = h('pre', {
    attributes: { tabindex: 0, role: 'log', 'aria-live': 'off', 'aria-label': 'Standard error' },
  });
  const element = section('Standard error', lines);
  return {
    element,
    show(value) {
      element.hidden = value === undefined;
      const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 8;
      setText(lines, value === undefined || value.length === 0 ? 'Nothing yet.' : value.join('\n'));
      if (atEnd) lines.scrollTop = lines.scrollHeight;
    },
  };
}

export function toolsPart(): Part<readonly Tool[] | null> {
  const list = h('ul', { class: 'tools' });
  const note = h('p', { class: 'help' });
  const element = section('Tools', note, list);
  let shown = '';
  return {
    element,
    show(value) {
      element.hidden = value === undefined;
      const text = JSON.stringify(value ?? null);
      if (text === shown) return;
      shown = text;
      const tools = value ?? [];
      setText(note, noteOn(value));
      note.hidden = tools.length > 0;
      list.replaceChildren(...tools.map(toolItem));
    },
  };
}

function noteOn(tools: readonly Tool[] | null | undefined): string {
  return tools === null || tools === undefined ? 'Known after its first start.' : 'It has none.';
}

function toolItem({ name, description }: Tool): HTMLElement {
  return h('li', {}, h('code', { text: name }), description ? h('p', { text: description }) : null);
}

export function lanesPart(): Part<readonly LaneView[]> {
  const list = h('ul', { class: 'lanes' });
  const element = section('Lanes', list);
  return {
    element,
    show(value) {
      element.hidden = value === undefined || value.length === 0;
      list.replaceChildren(...(value ?? []).map(lane => h('li', { text: laneWords(lane) })));
    },
  };
}

function section(title: string, ...content: readonly Node[]): HTMLElement {
  return h('section', {}, h('h3', { text: title }), ...content);
}
