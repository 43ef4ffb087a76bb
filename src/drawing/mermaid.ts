/** A chart as the text of a Mermaid state diagram (`stateDiagram-v2`, Mermaid 11). */
import type { ServiceType } from '../actors/services.ts';
import { type Arrow, type Arrows, arrowsOf } from './arrows.ts';
import { type Chart, chartFor } from './chart.ts';

/** The box of what can happen in any state. No state's id can begin like this. */
const ANY_STATE = '_any';
const INDENT = '    ';

/** Draws the chart, or the part of it that one type of service can live through. Pure. */
export function toMermaid(whole: Chart, options: { readonly type?: ServiceType } = {}): string {
  const chart = options.type === undefined ? whole : chartFor(whole, options.type);
  const { arrows, inner, anywhere } = arrowsOf(chart);
  const body = [
    ...statesIn(null, chart, inner),
    ...(anywhere.length === 0 ? [] : [`state "any state" as ${ANY_STATE}`]),
    ...anywhere.map(label => `${ANY_STATE} : ${escaped(label)}`),
    ...arrows.map(arrowLine),
    ...chart.states.filter(({ final }) => final).map(({ path }) => `${idOf(path)} --> [*]`),
  ];
  return `${['stateDiagram-v2', ...body.map(line => INDENT + line)].join('\n')}\n`;
}

/** The states directly inside one, each with what is inside it. */
function statesIn(parent: string | null, chart: Chart, inner: Arrows['inner']): readonly string[] {
  return chart.states
    .filter(state => state.parent === parent)
    .flatMap(({ path, name, initial }) => {
      const id = idOf(path);
      const inside = statesIn(path, chart, inner);
      const happens = inner.get(path) ?? [];
      const lines =
        inside.length === 0
          ? [`state "${escaped(name)}" as ${id}`, ...happens.map(label => `${id} : ${escaped(label)}`)]
          : [
              `state "${[name, ...happens].map(escaped).join(' · ')}" as ${id} {`,
              ...inside.map(line => INDENT + line),
              '}',
            ];
      return initial ? [`[*] --> ${id}`, ...lines] : lines;
    });
}

function arrowLine({ source, target, labels }: Arrow): string {
  return `${idOf(source)} --> ${idOf(target)} : ${labels.map(escaped).join('<br/>')}`;
}

/** Words of the language that would not be taken for an id. */
const KEYWORD =
  /^(?:accdescr|acctitle|class|classdef|click|default|direction|end|hide|href|note|root|scale|state|style)$/i;

/** An id Mermaid takes, different for every path: letters and digits stay, everything else becomes its code. */
function idOf(path: string): string {
  const id = path.replace(/[^A-Za-z0-9]/g, sign => (sign === '.' ? '__' : `_${sign.codePointAt(0)}_`));
  return KEYWORD.test(id) ? `${id}_` : id;
}

/** Text as Mermaid takes it: what would end or break a label becomes an entity. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,→()[\]/+*=!?'_-]/gu, sign => `#${sign.codePointAt(0)};`);
}
