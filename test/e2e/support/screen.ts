/** What a reader of the page looks at and does, by role and name as assistive technology sees it. */
import type { Locator, Page } from 'playwright-core';

export class Screen {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The row of a service in the list. */
  row(id: string): Locator {
    return this.page.getByRole('grid', { name: 'Services' }).getByRole('row').filter({ hasText: id });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The state at the head of the open service, and why it is in it. */
  get why(): Locator {
    return this.page.locator('.why');
  }

  get slider(): Locator {
    return this.page.getByRole('slider');
  }

  /** Events of the open service, newest first. */
  get events(): Locator {
    return this.page.getByRole('list', { name: 'Events, newest first' }).getByRole('button');
  }

  /** Resolves when the state at the head of the open service is as wished. */
  async untilState(path: string): Promise<void> {
    await this.page.locator('.why .state', { hasText: path }).waitFor();
  }

  /** Path of the state that is lit in the drawing. */
  async lit(): Promise<string | null> {
    return this.page.locator('.drawing .lit').getAttribute('data-state');
  }

  /** Whether what is lit can be seen within the frame of the drawing. */
  isLitInView(): Promise<boolean> {
    return this.page.evaluate(() => {
      const frame = document.querySelector('.drawing')?.getBoundingClientRect();
      const lit = document.querySelector('.drawing .lit')?.getBoundingClientRect();
      if (frame === undefined || lit === undefined) return false;
      const isBeside = lit.right > frame.right || lit.left < frame.left;
      return !isBeside && lit.top >= frame.top && lit.bottom <= frame.bottom;
    });
  }

  /** Resolves when that state is lit in the drawing. */
  async untilLit(path: string): Promise<void> {
    await this.page.locator(`.drawing .lit[data-state="${path}"]`).waitFor();
  }
}
