/** The page of one type of service: its drawings, its states with what they answer, its transitions. */
import type { Admission, Answer, NodeMeta } from '../../src/actors/machine/admission.ts';
import type { ServiceType } from '../../src/actors/services.ts';
import { type Chart, type ChartState, type ChartTransition, chartFor } from '../../src/drawing/chart.ts';
import { toMermaid } from '../../src/drawing/mermaid.ts';
import { code, NOTICE, page, table } from './markdown.ts';

export function typePage(whole: Chart, type: ServiceType): string {
  const chart = chartFor(whole, type);
  return page(
    `# The life of a ${type} service`,
    NOTICE,
    `![Statechart of a ${type} service](${type}.svg)`,
    'How to read the drawing is in the [index](README.md).',
    '## States',
    'Answers to a data request, by what it finds: *forward* it, *hold* it until the start under way has an outcome, *start* ' +
      'the service and hold it, or refuse it with a code. A request that brings `x-mcp-json` is an explicit start. A ' +
      'request that was already held when the state was entered gets the answer of the fifth column; where it has none, that of a plain request.',
    table(
      ['state', 'meaning', 'plain request', 'with `x-mcp-json`', 'held request', 'shown to a poller'],
      chart.states.map(state => stateRow(state, chart, type)),
    ),
    '## What states do',
    table(
      ['state', 'on entry', 'runs while in it', 'tags'],
      chart.states
        .filter(({ entry, effects, tags }) => entry.length + effects.length + tags.length > 0)
        .map(({ path, entry, effects, tags }) => [code(path), list(entry), list(effects), list(tags)]),
    ),
    '## Transitions',
    'Alternatives for the same event are tried from top to bottom; an inner state is asked before the one around it. An event ' +
      'that is not listed changes nothing.',
    table(['from', 'event', 'guard', 'to', 'actions'], chart.transitions.map(transitionRow)),
    '## As text',
    `\`\`\`mermaid\n${toMermaid(whole, { type })}\`\`\``,
  );
}

const list = (names: readonly string[]) => names.join(', ');

function stateRow(state: ChartState, chart: Chart, type: ServiceType): readonly string[] {
  const isGroup = chart.states.some(({ parent }) => parent === state.path);
  const name = state.initial ? `${code(state.path)} (initial)` : code(state.path);
  const about = [name, state.description ?? ''];
  const admission = isGroup ? null : admissionOf(state, chart);
  if (admission === null) return [...about, '', '', '', ''];
  const { plain, explicit, held, poll } = admission;
  return [...about, words(plain[type]), words(explicit[type]), heldWords(held), code(poll)];
}

/** Its own, or that of the nearest state around it. */
function admissionOf(state: ChartState, chart: Chart): Admission | null {
  if (state.meta !== null) return (state.meta as NodeMeta).admission;
  const around = chart.states.find(({ path }) => path === state.parent);
  return around === undefined ? null : admissionOf(around, chart);
}

function words(answer: Answer): string {
  if (answer.do === 'wait') return `hold if it waits past the due time, else ${answer.code}`;
  if (answer.do === 'recover') return `hold, or ${answer.code} without a config`;
  if (answer.do === 'refuse') return answer.code;
  return answer.do === 'start' ? 'start, hold' : answer.do;
}

function heldWords(held: Admission['held']): string {
  if (held === undefined) return '';
  const failed = words(held.afterFailedStart);
  const otherwise = words(held.otherwise);
  return failed === otherwise ? otherwise : `after a failed start ${failed}; else ${otherwise}`;
}

function transitionRow({ source, label, guard, target, actions }: ChartTransition): readonly string[] {
  const stays = actions.length === 0 ? '(ignored)' : '(stays)';
  return [
    source === null ? 'any state' : code(source),
    label,
    guard ?? '',
    target === null ? stays : code(target),
    list(actions),
  ];
}
