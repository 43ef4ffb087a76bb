/** The bar at the top: whose page this is, whether it is live, and what concerns the page as a whole. */
import type { Link } from './api/live.ts';
import { h } from './parts/dom.ts';
import { linkLight } from './parts/link-light.ts';
import { themeButton } from './parts/theme.ts';

export interface TopBar {
  readonly element: HTMLElement;
  /** Whether the page has been live before. */
  readonly wasLive: boolean;
  showLink(link: Link): void;
  showRegister(shown: boolean): void;
  showSignOut(shown: boolean): void;
}

export interface TopBarOptions {
  register(): void;
  retry(): void;
  signOut(): void;
}

export function topBar({ register, retry, signOut }: TopBarOptions): TopBar {
  const link = linkLight(retry);
  const leave = h('button', {
    class: 'quiet',
    text: 'Sign out',
    attributes: { type: 'button', hidden: true },
    on: { click: signOut },
  });
  const add = h('button', {
    class: 'primary',
    text: 'Register',
    attributes: { type: 'button', hidden: true, 'aria-haspopup': 'dialog' },
    on: { click: register },
  });
  const home = h('a', { text: 'Evergate', attributes: { href: '#/' } });
  let wasLive = false;
  return {
    element: h(
      'header',
      { class: 'bar' },
      h('h1', {}, home),
      link.element,
      h('div', { class: 'buttons' }, leave, themeButton(), add),
    ),
    get wasLive() {
      return wasLive;
    },
    showLink(now) {
      wasLive ||= now.kind === 'live';
      link.show(now);
    },
    showRegister(shown) {
      add.hidden = !shown;
    },
    showSignOut(shown) {
      leave.hidden = !shown;
    },
  };
}
