import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { serviceMachine } from '../../../../src/actors/machine/index.ts';
import { chartOf } from '../../../../src/drawing/chart.ts';
import { toMermaid } from '../../../../src/drawing/mermaid.ts';
import { testApp } from '../../../support/http-app.ts';

const url = '/api/v1/statechart';

describe('GET /api/v1/statechart', () => {
  it('given no Accept, then it is JSON of a Persistent service: machine, nodes and arrows', async () => {
    const { app } = testApp();
    const { data } = (await app.inject(url)).json();
    expect(data.type).toBe('Persistent');
    expect(() => createMachine(data.machine)).not.toThrow();
    const paths = data.nodes.map(({ path }: { path: string }) => path);
    expect(paths).toContain('CoolingDown');
    expect(data.arrows).toContainEqual({
      from: 'CoolingDown',
      to: 'Pending.Queued',
      events: ['restart requested', 'after cooldown'],
      labels: ['restart requested', 'after cooldown'],
    });
    for (const { from, to } of data.arrows) expect(paths).toEqual(expect.arrayContaining([from, to]));
    expect(data.anywhere).toContain('divergence found → Ended.Failed');
  });

  it('given ?type=OneShot, then it never cools down', async () => {
    const { app } = testApp();
    const { data } = (await app.inject(`${url}?type=OneShot`)).json();
    expect(data.nodes.map(({ path }: { path: string }) => path)).not.toContain('CoolingDown');
  });

  it.each(['OneShot', 'Persistent'] as const)('draws a %s service as Mermaid and as SVG', async type => {
    const { app } = testApp();
    const mermaid = await app.inject({ url: `${url}?type=${type}`, headers: { accept: 'text/vnd.mermaid' } });
    expect(mermaid.headers['content-type']).toBe('text/vnd.mermaid; charset=utf-8');
    expect(mermaid.body).toBe(toMermaid(chartOf(serviceMachine), { type }));
    const picture = await app.inject({ url: `${url}?type=${type}`, headers: { accept: 'image/svg+xml' } });
    expect(picture.headers['content-type']).toBe('image/svg+xml; charset=utf-8');
    expect(picture.headers['content-security-policy']).toContain("default-src 'none'");
    expect(picture.body).toBe(readFileSync(`docs/statecharts/${type}.svg`, 'utf8'));
    expect(picture.headers.vary).toBe('accept');
  });

  it.each([
    ['text/html,image/svg+xml;q=0.9,*/*;q=0.1', 'image/svg+xml'],
    ['text/vnd.mermaid;q=0.2, application/json;q=0.8', 'application/json'],
    ['image/*', 'image/svg+xml'],
    ['*/*', 'application/json'],
    ['*/*;q=0.5, application/json;q=0', 'text/vnd.mermaid'],
  ])('given Accept: %s, then the answer is %s', async (accept, type) => {
    const { app } = testApp();
    const { headers } = await app.inject({ url, headers: { accept } });
    expect(headers['content-type']).toContain(type);
  });

  it('given an Accept that names none of the forms, then 406 lists them', async () => {
    const { app } = testApp();
    const reply = await app.inject({ url, headers: { accept: 'text/html' } });
    expect([reply.statusCode, reply.json().code]).toEqual([406, '0011']);
    expect(reply.json().message).toContain('image/svg+xml');
  });

  it('given another type, then 0011 names it', async () => {
    const { app } = testApp();
    const reply = await app.inject(`${url}?type=Eternal`);
    expect([reply.statusCode, reply.json().code]).toEqual([400, '0011']);
    expect(reply.json().message).toContain('type');
  });
});
