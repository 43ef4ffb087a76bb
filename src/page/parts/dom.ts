/** Elements without markup: whatever is shown goes in as text, so that no id or log line can become an element. */

type Child = Node | string | null;

export interface Options {
  readonly class?: string;
  readonly text?: string;
  /** Attributes; null leaves one out, true is the empty value. */
  readonly attributes?: Readonly<Record<string, string | number | true | null>>;
  readonly on?: { readonly [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void };
}

/** An element with its class, attributes, listeners and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: Options = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (options.class !== undefined) element.className = options.class;
  if (options.text !== undefined) element.textContent = options.text;
  setAttributes(element, options.attributes ?? {});
  for (const [type, listener] of Object.entries(options.on ?? {})) {
    element.addEventListener(type, listener as EventListener);
  }
  element.append(...children.filter(child => child !== null));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** The same for a drawing. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: NonNullable<Options['attributes']> = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

export function setAttributes(element: Element, attributes: NonNullable<Options['attributes']>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Sets a text that differs; an equal one costs no layout. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Whether the reader asked for less movement. */
export const prefersStillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
