/** Calls per second and CPU per call as bars, side by side, in SVG that is legible on light and dark pages. */
import type { Figures } from './figures.ts';

interface Panel {
  readonly title: string;
  readonly what: string;
  readonly figure: string;
}

const PANELS: readonly Panel[] = [
  { title: 'calls per second, 64 in flight', what: 'echo-64', figure: 'callsPerSecond' },
  { title: 'CPU per call in µs', what: 'echo-64', figure: 'gatewayUs' },
  { title: 'calls per second, results of 1 MB', what: 'results-8', figure: 'callsPerSecond' },
];
const TARGETS = ['Evergate', 'bare Fastify', 'mcp-proxy', 'supergateway'];

const WIDTH = 860;
const ROW = 24;
const BAR = 16;
const NAME_WIDTH = 130;
const VALUE_WIDTH = 80;
const TITLE = 34;
const MARGIN = 16;

export function chart(figures: Figures): string {
  let y = MARGIN;
  const parts: string[] = [];
  for (const panel of PANELS) {
    const rows = TARGETS.flatMap(name => {
      const value = figures.get(panel.what, name, panel.figure);
      return value === null ? [] : [{ name, value }];
    });
    if (rows.length === 0) continue;
    parts.push(text(MARGIN, y + 14, panel.title, 'title'));
    const longest = Math.max(...rows.map(({ value }) => value));
    for (const [n, { name, value }] of rows.entries()) {
      parts.push(bar(y + TITLE - 8 + n * ROW, name, value, longest));
    }
    y += TITLE + rows.length * ROW;
  }
  const style =
    'text{font:13px system-ui,sans-serif;fill:#57606a}.title{font-weight:600}rect{fill:#8c959f}.ours{fill:#2da44e}';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="Evergate beside bare Fastify and its peers"><style>${style}</style>\n${parts.join('\n')}\n</svg>\n`;
}

function bar(y: number, name: string, value: number, longest: number): string {
  const x = MARGIN + NAME_WIDTH;
  const width = Math.max(1, Math.round((value / longest) * (WIDTH - x - VALUE_WIDTH - MARGIN)));
  const kind = name === 'Evergate' ? ' class="ours"' : '';
  const shown = value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
  return [
    text(MARGIN, y + 13, name),
    `<rect${kind} x="${x}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
    text(x + width + 8, y + 13, shown),
  ].join('');
}

function text(x: number, y: number, content: string, kind?: string): string {
  return `<text x="${x}" y="${y}"${kind === undefined ? '' : ` class="${kind}"`}>${content}</text>`;
}
