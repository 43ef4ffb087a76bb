/** Asks for the token of a gateway that wants one. */
import { openDialog } from './dialogs.ts';
import { h } from './dom.ts';

let open = false;

/**
 * Shows the dialog, once at a time.
 * @param reason what the gateway said @param accept called with a token that was entered
 */
export function askForToken(reason: string, accept: (token: string) => void): void {
  if (open) return;
  open = true;
  const field = h('input', {
    attributes: {
      ...{ id: 'token', type: 'password', required: true, autocomplete: 'current-password' },
      ...{ spellcheck: 'false', 'aria-describedby': 'token-help' },
    },
  });
  const form = h(
    'form',
    { class: 'fields' },
    h('label', { text: 'Token', attributes: { for: 'token' } }),
    field,
    h('p', {
      class: 'help',
      text: 'Kept until this tab is closed. To look around it needs the scope view; to start, stop and register, manage.',
      attributes: { id: 'token-help' },
    }),
    h(
      'div',
      { class: 'buttons' },
      h('button', { class: 'primary', text: 'Sign in', attributes: { type: 'submit' } }),
    ),
  );
  const dialog = openDialog('This gateway wants a token', h('p', { text: reason }), form);
  dialog.addEventListener('close', () => {
    open = false;
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    dialog.close();
    accept(field.value.trim());
  });
  field.focus();
}
