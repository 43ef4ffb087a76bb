import { EventEmitter } from 'eventemitter3';
import { expect, test } from 'vitest';
import type { LiveServices } from '../../../src/actors/live.ts';
import { serviceNews } from '../../../src/actors/news.ts';

const turn = () => new Promise(resolve => setImmediate(resolve));

function bench() {
  const events = new EventEmitter();
  const heard: string[] = [];
  const news = serviceNews(events as unknown as LiveServices['events']);
  const listen = () =>
    news.listen({
      ready: id => heard.push(`ready ${id}`),
      toolsChanged: id => heard.push(`tools ${id}`),
      removed: id => heard.push(`removed ${id}`),
    });
  const happens = (id: string, type: string, value: unknown, status = 'active') =>
    events.emit('transition', { id, to: { value, status }, event: { type } });
  return { heard, listen, happens };
}

test('tells of starts that succeeded and of removals, in a later turn, and of nothing else', async () => {
  const { heard, listen, happens } = bench();
  listen();
  happens('a', 'start requested', { Pending: 'Starting' });
  happens('a', 'start succeeded', { Ready: 'Healthy' });
  happens('a', 'probe answered', { Ready: 'Healthy' });
  happens('b', 'teardown finished', 'Removed', 'done');
  expect(heard).toEqual([]);
  await turn();
  expect(heard).toEqual(['ready a', 'removed b']);
});

test('tells first of what was removed before anybody listened', async () => {
  const { heard, listen, happens } = bench();
  happens('a', 'start succeeded', { Ready: 'Healthy' });
  happens('b', 'teardown finished', 'Removed', 'done');
  await turn();
  listen();
  expect(heard).toEqual(['removed b']);
});
