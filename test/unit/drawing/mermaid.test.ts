import { describe, expect, it } from 'vitest';
import { createMachine, setup } from 'xstate';
import { serviceMachine } from '../../../src/actors/machine/index.ts';
import { chartOf } from '../../../src/drawing/chart.ts';
import { toMermaid } from '../../../src/drawing/mermaid.ts';

/**
 * The statements of Mermaid 11's state diagram grammar that a drawing may use, with the characters its lexer takes for
 * each part: no `"` in a quoted name, no `:` `;` or `#` in a label except as an entity.
 */
const ID = String.raw`(?!(?:state|note|class|classDef|click|default|direction|href|scale|style|end)\b)\w+`;
const TEXT = String.raw`(?:[^"#:;{}<>\n]|#\d+;|<br/>)+`;
const STATEMENTS = [
  String.raw`state "${TEXT}" as ${ID}(?: \{)?`,
  String.raw`\}`,
  String.raw`\[\*\] --> ${ID}`,
  String.raw`${ID} --> \[\*\]`,
  `${ID} --> ${ID} : ${TEXT}`,
  `${ID} : ${TEXT}`,
].map(statement => new RegExp(`^ *${statement}$`, 'i'));

function wrongLines(mermaid: string): readonly string[] {
  const [first, ...lines] = mermaid.trimEnd().split('\n');
  const wrong = lines.filter(line => !STATEMENTS.some(statement => statement.test(line)));
  return first === 'stateDiagram-v2' ? wrong : [String(first), ...wrong];
}

const ids = (mermaid: string) => [...mermaid.matchAll(/" as (\w+)/g)].map(([, id]) => id);

describe('a chart as Mermaid text', () => {
  it.each([{}, { type: 'OneShot' as const }, { type: 'Persistent' as const }])(
    'the service machine, %j: every line is a statement, braces match, every id is declared once',
    options => {
      const text = toMermaid(chartOf(serviceMachine), options);
      expect(wrongLines(text)).toEqual([]);
      expect(text.match(/\{$/gm)?.length).toBe(text.match(/^ *\}$/gm)?.length);
      expect(new Set(ids(text)).size).toBe(ids(text).length);
      const used = [...text.matchAll(/^ *(\w+) (?:-->|:)|--> (\w+)/gm)].map(([, from, to]) => from ?? to);
      expect(used.filter(id => !ids(text).includes(id))).toEqual([]);
    },
  );

  it('draws the type it is asked for', () => {
    const chart = chartOf(serviceMachine);
    expect(toMermaid(chart)).toContain('is OneShot');
    expect(toMermaid(chart, { type: 'Persistent' })).not.toContain('is OneShot');
    expect(toMermaid(chart, { type: 'OneShot' })).not.toContain('CoolingDown');
  });

  it('given names the language uses itself, then they are written so that it takes them', () => {
    const awkward = createMachine({
      initial: 'note',
      states: {
        note: { on: { 'a: b; "c" #d {e} <f>': 'cool ing' } },
        'cool ing': { on: { go: 'cool_ing' } },
        cool_ing: { on: { go: 'say "hi"' } },
        'say "hi"': {},
      },
    });
    const text = toMermaid(chartOf(awkward));
    expect(wrongLines(text)).toEqual([]);
    expect(new Set(ids(text)).size).toBe(4);
    expect(text).toContain('state "cool ing" as');
    expect(text).toContain(': a#58; b#59; #34;c#34; #35;d #123;e#125; #60;f#62;');
  });

  it('merges the transitions between two states into one arrow, and writes inside a state what stays there', () => {
    const machine = setup({
      guards: { sure: ({ event }) => 'sure' in event },
      actions: { note: () => {} },
    }).createMachine({
      initial: 'Off',
      on: { reset: '.Off', seen: { actions: 'note' } },
      states: {
        Off: { on: { push: 'On', pull: { guard: 'sure', target: 'On' }, touch: { actions: 'note' } } },
        On: { on: { reset: { target: 'Off', actions: 'note' }, hum: {} } },
      },
    });
    expect(toMermaid(chartOf(machine)).split('\n').slice(1, -1)).toEqual([
      '    [*] --> Off',
      '    state "Off" as Off',
      '    Off : touch / note',
      '    state "On" as On',
      '    state "any state" as _any',
      '    _any : reset → Off',
      '    _any : seen / note',
      '    Off --> On : push<br/>pull [sure]',
    ]);
  });
});
