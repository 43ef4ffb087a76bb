import { describe, expect, it, vi } from 'vitest';
import { serviceNews } from '../../../src/actors/news.ts';
import { verify } from '../../../src/actors/replay.ts';
import { order, Stage, settings, turn } from '../../support/actors-fixtures.ts';
import { deferred } from '../../support/deferred.ts';
import type { StageLane } from '../../support/stage-backends.ts';

const ID = 'tools';
/** From a start, or a change, until the list is read, in ms. */
const PAUSE_MS = 500;

const lists = (stage: Stage) =>
  stage.log
    .read(ID)
    .map(({ event }) => event)
    .filter(({ type }) => type === 'tools listed');
const names = (stage: Stage) => stage.registry.tools(ID)?.tools.map(({ name }) => name);
const lost = (stage: Stage) => stage.registry.status(ID)?.lostTools;

/** The next start succeeds, with these tools; null: they are never listed. */
async function comes(stage: Stage, tools: readonly string[] | null): Promise<StageLane> {
  const start = await stage.start(stage.lanes.length);
  await start.spawn();
  const lane = start.succeed();
  lane.tools = tools;
  stage.lanes.push(lane);
  await turn();
  await stage.pass(PAUSE_MS);
  return lane;
}

async function up(tools: readonly string[] | null = ['echo', 'add'], stage = new Stage()): Promise<Stage> {
  stage.registry.ensure(ID, order('Persistent'));
  await comes(stage, tools);
  return stage;
}

/** The backend dies, and after its cooldown another comes, with these tools. */
async function recovers(stage: Stage, tools: readonly string[]): Promise<StageLane> {
  stage.lanes.at(-1)?.lose();
  await stage.pass(settings.policy.cooldownMaxMs);
  return comes(stage, tools);
}

describe('the list of tools after a start', () => {
  it('is recorded with hash and count, and kept with its names', async () => {
    const stage = await up();
    expect(lists(stage)).toMatchObject([{ generation: 1, count: 2, lost: [], announced: false }]);
    expect(stage.registry.tools(ID)).toMatchObject({ count: 2, hash: lists(stage)[0]?.hash });
    expect(names(stage)).toEqual(['echo', 'add']);
    expect(verify(stage.log.read(ID))).toBeNull();
  });

  it('does not delay Ready, and a backend that never lists its tools is Ready all the same', async () => {
    const stage = await up(null);
    expect([stage.state(ID), lists(stage), stage.registry.tools(ID)]).toEqual(['Ready.Healthy', [], null]);
    await stage.pass(60_000);
    expect(stage.lanes[0]?.questions).toEqual(['tools/list']);
  });

  it('is not asked for where the handshake knows no tools', async () => {
    const stage = new Stage();
    stage.registry.ensure(ID, order('Persistent'));
    const lane = (await stage.start()).succeed({ capabilities: { prompts: {} } });
    await stage.pass(60_000);
    expect([lane.questions, lists(stage)]).toEqual([[], []]);
  });

  it('is answered from the log when the service is not up, in the next life of the gateway, too', async () => {
    const stage = await up();
    stage.registry.request(ID, 'stop requested');
    await turn();
    expect([stage.registry.live.size, names(stage)]).toEqual([0, ['echo', 'add']]);
    expect(names(stage.nextLife())).toEqual(['echo', 'add']);
    await stage.registry.remove(ID);
    expect(stage.registry.tools(ID)).toBeNull();
  });

  it('is recorded at every start, also when it is the same', async () => {
    const stage = await up();
    await recovers(stage, ['add', 'echo']);
    const [first, second] = lists(stage);
    expect([first?.generation, second?.generation]).toEqual([1, 2]);
    expect(second?.hash).toBe(first?.hash);
  });

  it('that meets an unforeseen error is told as a fault; the service goes on, and its next list is recorded', async () => {
    const stage = new Stage();
    const told: unknown[] = [];
    stage.registry.live.events.on('fault', (id, error) => told.push([id, error]));
    stage.registry.ensure(ID, order('Persistent'));
    const lane = (await stage.start()).succeed();
    const fault = new Error('unforeseen');
    vi.spyOn(lane, 'ask').mockRejectedValueOnce(fault);
    await turn();
    await stage.pass(PAUSE_MS);
    expect([told, stage.state(ID), lists(stage)]).toEqual([[[ID, fault]], 'Ready.Healthy', []]);
    lane.toolChanges.changed(true);
    await stage.pass(PAUSE_MS);
    expect(lists(stage).length).toBe(1);
  });

  it('that cannot be written is written when the disk has space again', async () => {
    const stage = new Stage();
    stage.registry.ensure(ID, order('Persistent'));
    stage.lanes.push((await stage.start()).succeed());
    await turn();
    stage.space = 0;
    await stage.pass(PAUSE_MS);
    expect(lists(stage)).toEqual([]);
    stage.space = Number.POSITIVE_INFINITY;
    await stage.pass(1000);
    expect([lists(stage).length, names(stage)]).toEqual([1, []]);
  });
});

describe('a service that comes back with fewer tools', () => {
  it('says which, in the record and in its status, as long as recoveries do not bring them back', async () => {
    const stage = await up(['echo', 'add', 'sub']);
    await recovers(stage, ['add']);
    expect([lists(stage).at(-1)?.lost, lost(stage)]).toEqual([
      ['echo', 'sub'],
      ['echo', 'sub'],
    ]);
    await recovers(stage, ['add', 'sub']);
    expect(lost(stage)).toEqual(['echo']);
    await recovers(stage, ['echo', 'add', 'sub']);
    expect(lost(stage)).toEqual([]);
    expect(verify(stage.log.read(ID))).toBeNull();
  });

  it('still says so when the gateway was restarted', async () => {
    const stage = await up(['echo', 'add']);
    const next = stage.nextLife();
    await next.boot();
    await comes(next, ['add']);
    expect(lost(next)).toEqual(['echo']);
    expect(lost(next.nextLife())).toEqual(['echo']);
  });

  it('and knows no tools at all any more, has lost all', async () => {
    const stage = await up(['echo']);
    stage.lanes.at(-1)?.lose();
    await stage.pass(settings.policy.cooldownMaxMs);
    (await stage.start(1)).succeed({ capabilities: {} });
    await turn();
    await stage.pass(PAUSE_MS);
    expect([lost(stage), names(stage)]).toEqual([['echo'], []]);
  });

  it('forgets it with an explicit start: somebody has looked at it', async () => {
    const stage = await up(['echo', 'add']);
    await recovers(stage, ['add']);
    stage.registry.request(ID, 'restart requested');
    await comes(stage, ['add']);
    expect(lost(stage)).toEqual([]);
  });

  it('has not lost them under another config', async () => {
    const stage = await up(['echo', 'add']);
    stage.registry.ensure(ID, order('Persistent', 'other-server'));
    await recovers(stage, ['add']);
    expect(lost(stage)).toEqual([]);
  });

  it('names a few of many', async () => {
    const many = Array.from({ length: 100 }, (_, n) => `tool-${n}`);
    const stage = await up(many);
    await recovers(stage, []);
    expect(lost(stage)).toEqual(many.slice(0, 20));
  });
});

describe('a list that changes while the backend runs', () => {
  it('is read again, once for many changes, and what is missing from it is not lost', async () => {
    const stage = await up(['echo', 'add']);
    const [lane] = stage.lanes;
    if (lane === undefined) throw new Error('no lane');
    lane.tools = ['echo'];
    for (let change = 0; change < 100; change++) lane.toolChanges.changed(true);
    await stage.pass(PAUSE_MS - 1);
    expect(lane.questions.length).toBe(1);
    await stage.pass(1);
    expect(lane.questions.length).toBe(2);
    expect(lists(stage).at(-1)).toMatchObject({ count: 1, lost: [], announced: true });
    expect([names(stage), lost(stage)]).toEqual([['echo'], []]);
    await stage.pass(60_000);
    expect(lane.questions.length).toBe(2);
  });

  it('is read once more when it changes while it is being read, but not before that is done', async () => {
    const stage = await up(['echo']);
    const [lane] = stage.lanes;
    if (lane === undefined) throw new Error('no lane');
    const slow = deferred<void>();
    lane.listing = slow.promise;
    lane.toolChanges.changed(true);
    await stage.pass(PAUSE_MS);
    for (let change = 0; change < 5; change++) {
      lane.toolChanges.changed(true);
      await stage.pass(PAUSE_MS);
    }
    expect(lane.questions.length).toBe(2);
    slow.resolve();
    await turn();
    await stage.pass(PAUSE_MS);
    expect(lane.questions.length).toBe(3);
  });

  it('and is refused, leaves what was recorded', async () => {
    const stage = await up(['echo']);
    const [lane] = stage.lanes;
    if (lane === undefined) throw new Error('no lane');
    lane.tools = 'refused';
    lane.toolChanges.changed(true);
    await stage.pass(PAUSE_MS);
    expect([lane.questions.length, lists(stage).length, names(stage)]).toEqual([2, 1, ['echo']]);
  });

  it('and is the same after all, writes nothing', async () => {
    const stage = await up(['echo']);
    stage.lanes[0]?.toolChanges.changed(true);
    await stage.pass(PAUSE_MS);
    expect([stage.lanes[0]?.questions.length, lists(stage).length]).toEqual([2, 1]);
  });

  it('and comes when the service has been let go, goes unheard', async () => {
    const stage = await up(['echo']);
    const [lane] = stage.lanes;
    if (lane === undefined) throw new Error('no lane');
    const slow = deferred<void>();
    lane.listing = slow.promise;
    lane.toolChanges.changed(true);
    await stage.pass(PAUSE_MS);
    stage.registry.request(ID, 'stop requested');
    await turn();
    slow.resolve();
    await turn();
    expect([stage.registry.live.size, lists(stage).length]).toEqual([0, 1]);
  });

  it('is not read any more once the backend is gone', async () => {
    const stage = await up(['echo']);
    const [lane] = stage.lanes;
    lane?.lose();
    await turn();
    lane?.toolChanges.changed(true);
    await stage.pass(60_000);
    expect(lane?.questions.length).toBe(1);
  });
});

describe('the news that the tools are others', () => {
  async function listening(tools: readonly string[]) {
    const stage = new Stage();
    const told: string[] = [];
    const listener = { ready() {}, removed() {}, toolsChanged: (id: string) => told.push(id) };
    serviceNews(stage.registry.live.events).listen(listener);
    await up(tools, stage);
    return { stage, told };
  }

  it('is told after a restart that changed them, not after the first start or one that did not', async () => {
    const { stage, told } = await listening(['echo']);
    expect(told).toEqual([]);
    await recovers(stage, ['echo']);
    expect(told).toEqual([]);
    await recovers(stage, ['echo', 'add']);
    expect(told).toEqual([ID]);
  });

  it('is not told of what the backend has told its clients itself, but of what it has not', async () => {
    const { stage, told } = await listening(['echo']);
    const [lane] = stage.lanes;
    if (lane === undefined) throw new Error('no lane');
    lane.tools = [];
    lane.toolChanges.changed(true);
    await stage.pass(PAUSE_MS);
    expect(told).toEqual([]);
    lane.tools = ['add'];
    lane.toolChanges.changed(false);
    lane.toolChanges.changed(true);
    await stage.pass(PAUSE_MS);
    expect(told).toEqual([ID]);
  });
});
