/** A field of a form: label, help, and what is wrong with it, tied together for screen readers. */
import { h, setAttributes } from '../parts/dom.ts';

export interface Field<T extends HTMLElement> {
  readonly element: HTMLElement;
  readonly input: T;
  /** null: nothing is wrong. */
  complain(problem: string | null): void;
}

let fields = 0;

export function field<T extends HTMLElement>(label: string, input: T, help: string): Field<T> {
  const id = `field-${++fields}`;
  const problem = h('p', {
    class: 'fault',
    attributes: { id: `${id}-problem`, role: 'alert', hidden: true },
  });
  setAttributes(input, { id, 'aria-describedby': `${id}-help ${id}-problem` });
  return {
    element: h(
      'div',
      { class: 'field' },
      h('label', { text: label, attributes: { for: id } }),
      input,
      h('p', { class: 'help', text: help, attributes: { id: `${id}-help` } }),
      problem,
    ),
    input,
    complain(text) {
      problem.hidden = text === null;
      problem.textContent = text ?? '';
      setAttributes(input, { 'aria-invalid': text === null ? null : 'true' });
    },
  };
}
