/** Dialogs: modal, closed with Esc, with the focus where it was before. */
import { h } from './dom.ts';

let labels = 0;

/** An open modal dialog with a heading; it leaves the page when it is closed. */
export function openDialog(title: string, ...content: readonly Node[]): HTMLDialogElement {
  const heading = h('h2', { text: title, attributes: { id: `dialog-${++labels}` } });
  const dialog = h('dialog', { attributes: { 'aria-labelledby': heading.id } }, heading, ...content);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button that goes on says. */
  readonly action: string;
}

/** Asks before something that cannot be undone. The safe answer has the focus. */
export function confirm({ title, text, action }: Question): Promise<boolean> {
  return new Promise(resolve => {
    const no = h('button', { text: 'Cancel', attributes: { type: 'button', autofocus: true } });
    const yes = h('button', { class: 'danger', text: action, attributes: { type: 'button' } });
    const dialog = openDialog(title, h('p', { text }), h('div', { class: 'buttons' }, no, yes));
    let answer = false;
    no.addEventListener('click', () => dialog.close());
    yes.addEventListener('click', () => {
      answer = true;
      dialog.close();
    });
    dialog.addEventListener('close', () => resolve(answer));
    no.focus();
  });
}
