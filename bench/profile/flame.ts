/** A flame graph as a small SVG: the callers below, what they called above them, as wide as the time they took. */
import type { Frame } from './read-profile.ts';

const WIDTH = 1200;
const ROW = 17;
/** Narrower frames are left out, in px. */
const NARROWEST = 3;
/** Names are shown from that width on, in px. */
const NAMED = 36;
const CHARACTER = 6.2;

interface Box {
  readonly frame: Frame;
  readonly x: number;
  readonly depth: number;
  readonly width: number;
}

/** @param ours tells the frames that are coloured */
export function flameGraph(top: Frame, title: string, ours: (frame: Frame) => boolean): string {
  const boxes: Box[] = [];
  place(top, 0, 0, WIDTH / top.totalUs, boxes);
  const depth = Math.max(...boxes.map(box => box.depth)) + 1;
  const height = depth * ROW + 24;
  const drawn = boxes.map(box => draw(box, height, top.totalUs, ours(box.frame)));
  const style =
    'text{font:10px ui-monospace,monospace;fill:#24292f}.title{font-size:12px;fill:#57606a}rect{fill:#d0d7de;stroke:#fff}.ours{fill:#f0b37e}';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}"><style>${style}</style>\n<text class="title" x="4" y="14">${escaped(title)}</text>\n${drawn.join('\n')}\n</svg>\n`;
}

function place(frame: Frame, x: number, depth: number, scale: number, boxes: Box[]): void {
  const width = frame.totalUs * scale;
  if (width < NARROWEST) return;
  boxes.push({ frame, x, depth, width });
  let at = x;
  const callees = [...frame.callees.values()].sort((a, b) => b.totalUs - a.totalUs);
  for (const callee of callees) {
    place(callee, at, depth + 1, scale, boxes);
    at += callee.totalUs * scale;
  }
}

function draw({ frame, x, depth, width }: Box, height: number, wholeUs: number, ours: boolean): string {
  const y = height - (depth + 1) * ROW;
  const share = `${((100 * frame.totalUs) / wholeUs).toFixed(1)} %`;
  const about = escaped(`${frame.name} ${frame.file} ${share}`);
  const kind = ours ? ' class="ours"' : '';
  const box = `<rect${kind} x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}"><title>${about}</title></rect>`;
  if (width < NAMED) return box;
  const name = escaped(frame.name.slice(0, Math.floor((width - 6) / CHARACTER)));
  return `${box}<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${name}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
