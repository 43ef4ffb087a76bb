/** The index of docs/statecharts, and how to read what is there. */
import type { ServiceType } from '../../src/actors/services.ts';
import { NOTICE, page, table } from './markdown.ts';

export function indexPage(types: readonly ServiceType[]): string {
  return page(
    '# The statechart of a service',
    `${NOTICE} Everything here is read off the machine in \`src/actors/machine\`; CI runs \`npm run docs -- --check\`.`,
    table(
      ['page', 'what'],
      [
        ...types.map(type => [
          `[${type}](${type}.md), [picture](${type}.svg)`,
          `The life of a ${type} service: drawing, states with their answers to requests, transitions`,
        ]),
        [
          '[Life of a service](life-of-a-service.md)',
          'The same told as stories: real events, folded by the machine',
        ],
        ['[service.machine.json](service.machine.json)', 'The machine, for import into a statechart editor'],
      ],
    ),
    'One machine serves both types. Each drawing leaves out what cannot happen to its type: guards that depend on nothing ' +
      'but the type are asked and then not shown, and states that cannot be reached are dropped.',
    '## How to read the drawings',
    [
      '- `event [guard]` beside an arrow: the event moves the service along the arrow if the guard holds. Several arrows ' +
        'for one event are tried in the order of the table on the page; the one without a guard is taken when no other is.',
      '- `event [guard] / actions` inside a state: the event is remembered there and the state stays.',
      '- `after cooldown`, `after stable time`: a timer that began when the state was entered.',
      '- `any state`: what holds wherever a state does not say otherwise.',
      '- In the pictures, what leaves a state has the colour of its outermost state. Each state is a group with `data-state` ' +
        '(its path), each arrow a group with `data-from`, `data-to` and `data-event` (its events, joined by `|`), so that a ' +
        'page can light them.',
    ].join('\n'),
  );
}
