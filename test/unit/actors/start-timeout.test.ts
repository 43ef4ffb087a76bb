import { describe, expect, it } from 'vitest';
import { startTimeoutOf } from '../../../src/actors/machine/start-timeout.ts';
import { verify } from '../../../src/actors/replay.ts';
import { seenIn } from '../../../src/explain/recorded.ts';
import { whyOf } from '../../../src/explain/why.ts';
import { tell } from '../../../src/http/locales/sentences/tell.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { order, Stage, settings, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';
const LONG_MS = 600_000;

function given(log = new MemoryLog()): Stage {
  const stage = new Stage({}, 50, log);
  stage.registry.ensure(ID, order('Persistent'));
  return stage;
}

/** The start that is under way takes so long and succeeds; after a while its backend is lost and the next start begins. */
async function lives(stage: Stage, ...tookMs: number[]): Promise<void> {
  for (const ms of tookMs) {
    const start = await stage.start();
    await stage.pass(ms);
    const lane = start.succeed();
    await turn();
    await stage.pass(LONG_MS);
    lane.lose();
    await turn();
  }
}

const limitOf = async (stage: Stage) => (await stage.start()).request.startTimeoutMs;
const lastRecord = (stage: Stage) => {
  const record = stage.log.read(ID).at(-1);
  if (record === undefined) throw new Error('there is no record');
  return record;
};

describe('how long a start may be silent', () => {
  it('given no or few earlier starts, then what the settings say', async () => {
    const stage = given();
    expect(await limitOf(stage)).toBe(settings.startTimeoutMs);
    await lives(stage, 4000, 4000);
    expect(await limitOf(stage)).toBe(settings.startTimeoutMs);
    expect(lastRecord(stage).event).toMatchObject({
      timeout: { ms: settings.startTimeoutMs, by: 'settings' },
    });
  });

  it.each([
    ['a multiple of what they took', [2000, 2400, 2000], 9600],
    ['not less than the bound below', [10, 10, 10], settings.startTimeoutMinMs],
    ['not more than the bound above', [90_000, 90_000, 90_000], settings.startTimeoutMaxMs],
  ])('given earlier starts, then %s, also after a restart of the gateway', async (_, took, limit) => {
    const stage = given();
    await lives(stage, ...took);
    expect(await limitOf(stage)).toBe(limit);
    expect(lastRecord(stage)).toMatchObject({
      event: { type: 'start permitted', timeout: { ms: limit, by: 'starts' } },
      to: { context: { starts: took, startTimeout: { ms: limit, by: 'starts' } } },
    });
    const next = stage.nextLife();
    await next.boot();
    expect(await limitOf(next)).toBe(limit);
  });

  it('replay gives the same at every prefix, with other settings, too (invariant 6)', async () => {
    const stage = given();
    await lives(stage, 2000, 2400, 2000, 3000);
    const records = stage.log.read(ID);
    expect(
      records.filter(({ event }) => event.type === 'start succeeded').map(({ event }) => event.tookMs),
    ).toEqual([2000, 2400, 2000, 3000]);
    for (let length = 1; length <= records.length; length++)
      expect(verify(records.slice(0, length))).toBeNull();
  });

  it('given another config, then nothing is known of it', async () => {
    const stage = given();
    await lives(stage, 2000, 2000, 2000);
    stage.registry.ensure(ID, order('Persistent', 'another'));
    await lives(stage, 100);
    expect(await limitOf(stage)).toBe(settings.startTimeoutMs);
  });

  it('given the last start failed, then not less than the settings say', async () => {
    const stage = given();
    await lives(stage, 10, 10, 10);
    (await stage.start()).fail();
    await turn();
    await stage.pass(settings.policy.cooldownMs);
    expect(await limitOf(stage)).toBe(settings.startTimeoutMs);
  });

  it.each([
    [
      'its config has a limit of its own',
      { startTimeoutMs: 123, mayInstall: true },
      { ms: 123, by: 'config' },
    ],
    [
      'its command may have to download',
      { startTimeoutMs: null, mayInstall: true },
      { ms: 10_000, by: 'settings' },
    ],
    ['its config cannot be read', null, { ms: 10_000, by: 'settings' }],
    ['there is no doubt', { startTimeoutMs: null, mayInstall: false }, { ms: 1_000, by: 'starts' }],
  ])('given %s, then %j makes %j', (_, config, limit) => {
    expect(startTimeoutOf({ starts: [10, 10, 10], failures: 0 }, settings, config)).toEqual(limit);
  });

  it('given the bound above is 0, then nothing is learned', () => {
    const config = { startTimeoutMs: null, mayInstall: false };
    const limit = startTimeoutOf(
      { starts: [9, 9, 9], failures: 0 },
      { ...settings, startTimeoutMaxMs: 0 },
      config,
    );
    expect(limit).toEqual({ ms: settings.startTimeoutMs, by: 'settings' });
  });
});

describe('why a service is Starting', () => {
  it.each([
    [
      'en',
      /because the backend is being started; it may be silent for 10 s, by what its last 3 starts took$/,
    ],
    ['zh-CN', /正在启动后端；根据最近 3 次启动的用时，最多可 10 秒没有动静$/],
    ['zh-TW', /正在啟動後端；根據最近 3 次啟動的用時，最多可 10 秒沒有動靜$/],
  ] as const)('says in %s what limit was learned, before and after the spawn', async (language, text) => {
    const stage = given();
    await lives(stage, 2400, 2000, 2000);
    await stage.start();
    expect(tell(language, whyOf(seenIn(lastRecord(stage))))).toMatch(text);
    await (await stage.start()).spawn(77);
    const after = tell(language, whyOf(seenIn(lastRecord(stage))));
    expect(after).toMatch(/77/);
    expect(after.slice(after.search(/[;；]/))).toBe(
      /[;；].*$/.exec(tell(language, whyOf(seenIn(stage.log.read(ID).at(-2) as never))))?.[0],
    );
  });
});
