/** The keys of the list. */

export interface KeyTarget {
  length(): number;
  /** Rows of one screen. */
  pageSize(): number;
  /** Where the keys are; −1: nowhere yet. */
  index(): number;
  move(index: number): void;
  open(): void;
}

const STEPS: Readonly<Record<string, (target: KeyTarget) => number>> = {
  ArrowDown: target => target.index() + 1,
  ArrowUp: target => target.index() - 1,
  PageDown: target => target.index() + target.pageSize(),
  PageUp: target => target.index() - target.pageSize(),
  Home: () => 0,
  End: target => target.length() - 1,
};

/** Arrows, pages, ends; Enter opens. */
export function listKeys(target: KeyTarget): (event: KeyboardEvent) => void {
  return event => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = STEPS[event.key];
    if (step !== undefined) target.move(Math.max(0, Math.min(target.length() - 1, step(target))));
    else if (event.key === 'Enter') target.open();
    else return;
    event.preventDefault();
  };
}
