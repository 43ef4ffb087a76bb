/** A chart as SVG, laid out by state-machine-cat: no browser, and the same chart always gives the same text. */
import { type IState, type IStateMachine, type ITransition, render } from 'state-machine-cat';
import type { ServiceType } from '../../src/actors/services.ts';
import { arrowsOf } from '../../src/drawing/arrows.ts';
import { type Chart, type ChartState, chartFor } from '../../src/drawing/chart.ts';
import { type Attributes, Marks } from './svg-marks.ts';
import { hueClass, styleSheet } from './svg-style.ts';

const attributes = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

/**
 * Each state is a group with `data-state` (its path), each arrow one with `data-from`, `data-to` and `data-event` (its
 * events, joined by `|`): whoever shows the drawing can light them.
 * @throws {Error} the layout engine's SVG is not of the form that style and attributes are put into
 */
export async function toSvg(whole: Chart, type: ServiceType): Promise<string> {
  const marks = new Marks();
  const drawn = await render(machineOf(chartFor(whole, type), huesOf(whole), marks), {
    inputType: 'json',
    outputType: 'svg',
    direction: 'top-down',
    dotGraphAttrs: attributes({ nodesep: '0.35', ranksep: '0.35', pad: '0.15' }),
    dotEdgeAttrs: attributes({ fontsize: '10.5' }),
  });
  return marks.applied(styled(drawn, `The life of a ${type} service`));
}

/** What leaves a state has the colour of its outermost state, the same in every drawing. */
function huesOf({ states }: Chart): (path: string) => string {
  const outermost = states.filter(({ parent }) => parent === null).map(({ name }) => name);
  return path => hueClass(outermost.findIndex(name => path === name || path.startsWith(`${name}.`)));
}

function machineOf(chart: Chart, hueOf: (path: string) => string, marks: Marks): IStateMachine {
  const { arrows, inner, anywhere } = arrowsOf(chart);
  const states = statesIn(null, chart, inner, marks);
  const box: IState = { name: 'any state', type: 'regular', actions: actionLines(anywhere) };
  const transitions = arrows.map(({ source, target, events, labels }) => ({
    from: nameOf(source),
    to: nameOf(target),
    label: labels.join('\n').replaceAll(' [', '\n['),
    class: `${marks.add(arrowAttributes(source, target, events))} ${hueOf(source)}`,
  }));
  return {
    states: anywhere.length === 0 ? states : [...states, box],
    transitions: [...dotTransitions(chart), ...transitions].map((one, id) => ({ id, ...one })),
  };
}

const arrowAttributes = (from: string, to: string, events: readonly string[]): Attributes => ({
  'data-from': from,
  'data-to': to,
  'data-event': events.join('|'),
});

const actionLines = (labels: readonly string[]) => labels.map(body => ({ type: 'activity', body }) as const);

/** A state's name for the layout engine, which takes some characters amiss: different for every path. */
const nameOf = (path: string) => path.replace(/[^\w.]|_/g, sign => `_${sign.codePointAt(0)}_`);
const beginningOf = ({ path }: ChartState) => `${nameOf(path)} initial`;
const endOf = ({ path }: ChartState) => `${nameOf(path)} final`;

/** The states directly inside one, each with what is inside it, and the dots where they begin and end. */
function statesIn(
  around: string | null,
  chart: Chart,
  inner: ReadonlyMap<string, readonly string[]>,
  marks: Marks,
): IState[] {
  return chart.states
    .filter(({ parent }) => parent === around)
    .flatMap(state => {
      const inside = statesIn(state.path, chart, inner, marks);
      const drawn: IState = {
        name: nameOf(state.path),
        label: state.name,
        type: 'regular',
        class: marks.add({ 'data-state': state.path }),
        actions: actionLines(inner.get(state.path) ?? []),
        ...(inside.length === 0 ? {} : { statemachine: { states: inside } }),
      };
      const beginning: IState[] = state.initial ? [{ name: beginningOf(state), type: 'initial' }] : [];
      const end: IState[] = state.final ? [{ name: endOf(state), type: 'final' }] : [];
      return [...beginning, drawn, ...end];
    });
}

function dotTransitions({ states }: Chart): readonly Omit<ITransition, 'id'>[] {
  return states.flatMap(state => [
    ...(state.initial ? [{ from: beginningOf(state), to: nameOf(state.path) }] : []),
    ...(state.final ? [{ from: nameOf(state.path), to: endOf(state) }] : []),
  ]);
}

/** The layout's prologue up to the page's background, and that background. */
const PROLOGUE = /^.*?<svg width="(\d+)pt" height="(\d+)pt"\s+viewBox="([^"]+)"[^>]*>/s;
const BACKGROUND = '<polygon fill="white" stroke="none"';

function styled(svg: string, title: string): string {
  const [prologue = '', width, height, viewBox] = PROLOGUE.exec(svg) ?? [];
  if (prologue === '' || !svg.includes(BACKGROUND)) {
    throw new Error(
      'The SVG has another form than expected; see PROLOGUE and BACKGROUND in scripts/docs/svg.ts',
    );
  }
  const head = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${viewBox}" role="img">`,
    `<title>${title}</title>`,
    `<style>\n${styleSheet()}\n</style>`,
  ];
  const body = svg
    .slice(prologue.length)
    .replace(BACKGROUND, '<polygon class="page" stroke="none"')
    .replaceAll(/<!--.*?-->\n?/gs, '')
    .replaceAll(/(<g id="[^"]*" class="[^"]*">)\n<title>[^<]*<\/title>/g, '$1')
    .replaceAll('xml:space="preserve" ', '')
    .replaceAll(/ font-family="[^"]*"/g, '');
  return `${head.join('\n')}${body}`;
}
