/** The page that walks through the life of a service. */
import { NOTICE, page } from './markdown.ts';
import { STORIES } from './stories.ts';
import { type Story, storyTable } from './story.ts';
import { POLICY } from './story-events.ts';

export function lifePage(): string {
  return page(
    '# The life of a service',
    `${NOTICE} Every table is made by folding the events through the machine itself, with the default settings.`,
    'Times are `h:mm:ss` since the registration. The last column shows what of the remembered facts changed; times in it are ' +
      'points in time, `generation` counts starts, `restarts` counts those nobody asked for. An event that changes neither ' +
      'the state nor a fact is not recorded.',
    ...STORIES.flatMap(storyBlocks),
  );
}

function storyBlocks({ title, prose, lives }: Story): readonly string[] {
  const tables = lives.flatMap(({ caption, type, steps }) => {
    const told = storyTable({ type, config: 'c1', policy: POLICY }, steps);
    return caption === undefined ? [told] : [caption, told];
  });
  return [`## ${title}`, prose, ...tables];
}
