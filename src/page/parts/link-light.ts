/** Whether what the page shows is live, in words. */
import type { Link } from '../api/live.ts';
import { h, setText } from './dom.ts';
import { beat } from './ticker.ts';

export interface LinkLight {
  readonly element: HTMLElement;
  show(link: Link): void;
}

/** @param retry asks for a connection at once */
export function linkLight(retry: () => void): LinkLight {
  const words = h('span', { text: 'Connecting' });
  const again = h('button', {
    class: 'quiet',
    text: 'Retry now',
    attributes: { type: 'button', hidden: true },
    on: { click: retry },
  });
  const element = h('div', { class: 'link' }, words, again);
  let now: Link = { kind: 'connecting' };
  const update = () => {
    element.dataset.kind = now.kind;
    element.title = 'reason' in now ? now.reason : '';
    again.hidden = now.kind === 'live' || now.kind === 'connecting';
    setText(words, wordsFor(now));
  };
  beat.subscribe(() => {
    if (now.kind === 'lost') update();
  });
  return {
    element,
    show(link) {
      now = link;
      update();
    },
  };
}

function wordsFor(link: Link): string {
  if (link.kind === 'live') return 'Live';
  if (link.kind === 'connecting') return 'Connecting';
  if (link.kind === 'off') return 'Not live';
  const seconds = Math.ceil((link.retryAt - Date.now()) / 1000);
  return seconds > 0 ? `Disconnected, retry in ${seconds} s` : 'Disconnected, retrying';
}
