/** Dark or light: as the system says, until the reader says otherwise. */
import { h } from './dom.ts';

const KEY = 'evergate.theme';
const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;
type Theme = keyof typeof NEXT;

function stored(): Theme {
  const theme = localStorage.getItem(KEY);
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

/** A button that goes through the themes. */
export function themeButton(): HTMLElement {
  let theme = stored();
  const name = h('b', {});
  const button = h(
    'button',
    { class: 'quiet theme', attributes: { type: 'button', title: 'As the system, light, or dark' } },
    h('span', { text: 'Theme: ' }),
    name,
  );
  const show = () => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    name.textContent = theme;
  };
  button.addEventListener('click', () => {
    theme = NEXT[theme];
    localStorage.setItem(KEY, theme);
    show();
  });
  show();
  return button;
}
