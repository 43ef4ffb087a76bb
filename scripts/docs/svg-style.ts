/** The look of the SVG drawings: readable on light and dark pages, for they bring their own background. */

interface Look {
  readonly page: string;
  readonly line: string;
  /** One per top-level state, in the machine's order, and again from the first when there are more states. */
  readonly hues: readonly string[];
}

const LIGHT: Look = {
  page: '#ffffff',
  line: '#24292f',
  hues: ['#0969da', '#1a7f37', '#cf222e', '#8250df', '#9a6700', '#57606a'],
};

const DARK: Look = {
  page: '#0d1117',
  line: '#c9d1d9',
  hues: ['#58a6ff', '#3fb950', '#ff7b72', '#bc8cff', '#d29922', '#8b949e'],
};

/** The class of everything that leaves the n-th top-level state. */
export const hueClass = (n: number): string => `hue-${n % LIGHT.hues.length}`;

/** The style sheet of a drawing; where media queries are not understood, it is light. */
export function styleSheet(): string {
  return [
    'text { font-family: Helvetica, Arial, "Liberation Sans", sans-serif; }',
    '.edge text { paint-order: stroke; stroke-width: 3px; stroke-linejoin: round; }',
    ...rules(LIGHT),
    `@media (prefers-color-scheme: dark) { ${rules(DARK).join(' ')} }`,
  ].join('\n');
}

function rules({ page, line, hues }: Look): readonly string[] {
  return [
    `.page { fill: ${page}; }`,
    `text { fill: ${line}; }`,
    `.edge text { stroke: ${page}; }`,
    `[stroke="black"] { stroke: ${line}; }`,
    `[fill="black"] { fill: ${line}; }`,
    ...hues.flatMap((hue, n) => [
      `.${hueClass(n)} path { stroke: ${hue}; }`,
      `.${hueClass(n)} polygon { fill: ${hue}; stroke: ${hue}; }`,
      `.${hueClass(n)} text { fill: ${hue}; }`,
    ]),
  ];
}
