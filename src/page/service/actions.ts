/** What can be done to a service. */
import { type Api, servicePath } from '../api/client.ts';
import type { ServiceDetail } from '../api/shapes.ts';
import type { Chart } from '../model/chart.ts';
import { confirm } from '../parts/dialogs.ts';
import { h } from '../parts/dom.ts';
import { messageOf } from '../parts/message-of.ts';
import type { Notices } from '../parts/notice.ts';
import { count } from '../parts/words.ts';

interface Action {
  readonly name: string;
  readonly method: 'POST' | 'DELETE';
  readonly path: readonly string[];
  /** The machine's event: where it changes nothing, the button cannot be pressed. */
  readonly event: string;
  /** What is lost by it; null: nothing, and it is done without a question. */
  loss(detail: ServiceDetail): string | null;
}

/** Calls and sessions that end with the backend. */
function cutOff({ inFlight, sessions, held }: ServiceDetail): string | null {
  const losses = [
    inFlight > 0 ? `${count(inFlight, 'call')} in flight` : null,
    held > 0 ? `${count(held, 'held request')}` : null,
    sessions > 0 ? count(sessions, 'open session') : null,
  ].filter(loss => loss !== null);
  return losses.length === 0 ? null : `It has ${losses.join(', ')}.`;
}

const ACTIONS: readonly Action[] = [
  { name: 'Start', method: 'POST', path: ['start'], event: 'start requested', loss: () => null },
  { name: 'Stop', method: 'POST', path: ['stop'], event: 'stop requested', loss: cutOff },
  { name: 'Restart', method: 'POST', path: ['restart'], event: 'restart requested', loss: cutOff },
  {
    ...{ name: 'Delete', method: 'DELETE', path: [], event: 'removal requested' },
    loss: detail =>
      ['Its processes are ended, and its config is forgotten.', cutOff(detail)].filter(Boolean).join(' '),
  },
];

export interface Actions {
  readonly element: HTMLElement;
  show(detail: ServiceDetail, chart: Chart): void;
}

export function actions(api: Api, id: string, notices: Notices): Actions {
  let now: ServiceDetail | null = null;
  const run = async (action: Action, button: HTMLButtonElement) => {
    if (now === null) return;
    const text = action.loss(now);
    const title = `${action.name} ${id}?`;
    if (text !== null && !(await confirm({ title, text, action: action.name }))) return;
    button.setAttribute('aria-busy', 'true');
    try {
      await api.send(action.method, servicePath(id, ...action.path));
    } catch (error) {
      notices.show(messageOf(error), 'fault');
    } finally {
      button.removeAttribute('aria-busy');
    }
  };
  const buttons = ACTIONS.map(action => {
    const button = h('button', {
      class: action.method === 'DELETE' ? 'danger' : '',
      text: action.name,
      attributes: { type: 'button', disabled: true },
    });
    button.addEventListener('click', () => void run(action, button));
    return button;
  });
  return {
    element: h(
      'div',
      { class: 'actions', attributes: { role: 'group', 'aria-label': 'Actions' } },
      ...buttons,
    ),
    show(detail, chart) {
      now = detail;
      ACTIONS.forEach(({ event }, n) => {
        const button = buttons[n];
        if (button !== undefined) button.disabled = !chart.accepts(detail.state, event);
      });
    },
  };
}
