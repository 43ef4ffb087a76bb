import { describe, expect, it } from 'vitest';
import { verify } from '../../../src/actors/replay.ts';
import { StorageError, UnreadableRecordError } from '../../../src/store/errors.ts';
import type { Append, Appended, JsonObject } from '../../../src/store/event-log.ts';
import { MemoryLog } from '../../../src/store/memory-log.ts';
import { order, outcome, Stage, turn } from '../../support/actors-fixtures.ts';

const ID = 'tools';

/** A log that loses its documents, one way or the other. */
class ForgetfulLog extends MemoryLog {
  fault: 'gone' | Error | null = null;

  override document(id: string, name: string): JsonObject | undefined {
    if (this.fault instanceof Error) throw this.fault;
    return this.fault === 'gone' ? undefined : super.document(id, name);
  }

  override appendAll(appends: readonly Append[]): readonly Appended[] {
    const drafts = appends.flatMap(append => append.drafts);
    if (drafts.some(({ documents }) => documents?.config)) this.fault = null;
    return super.appendAll(appends);
  }
}

/** A Persistent service whose backend is being torn down, and whose config is not there any more. */
async function unhealthy(fault: ForgetfulLog['fault']) {
  const log = new ForgetfulLog();
  const stage = new Stage({}, 50, log);
  const lane = await stage.ready(ID, 'Persistent');
  await stage.pass(2000); // long enough up to be restarted at once
  log.fault = fault;
  lane.lingers = true;
  lane.lose('it exited');
  await turn();
  expect(stage.state(ID)).toBe('Unhealthy');
  return { stage, lane, log };
}

const DAMAGED = new UnreadableRecordError('document "config" of service "tools" is damaged');

describe('a service that is Unhealthy and has no config to restart it from', () => {
  it.each([
    ['is gone', 'gone' as const],
    ['is damaged', DAMAGED],
  ])(
    'given its config %s, then a request is refused 0004, with the reason and the remedy',
    async (_, fault) => {
      const { stage } = await unhealthy(fault);
      const refusal = await outcome(() => stage.registry.admit(ID, demandNow()));
      expect(refusal).toMatchObject({
        code: '0004',
        reason: expect.stringMatching(/^it exited; there is no stored config .*x-mcp-json$/),
      });
    },
  );

  it('given a request that brings a config, then it is held, and served by what starts from that', async () => {
    const { stage, lane, log } = await unhealthy('gone');
    log.fault = null;
    const request = stage.admit(ID, { order: order('Persistent', 'other') });
    expect(await stage.verdict(request)).toBe('held');
    lane.gone.resolve();
    const start = await stage.start(1);
    expect(start.request.config).toMatchObject({ command: 'other' });
    const next = start.succeed();
    expect(await request).toBe(next);
  });

  it('given the log cannot be read for now, or the config is there, then a request is held', async () => {
    for (const fault of [new StorageError('disk gone'), null]) {
      const { stage } = await unhealthy(fault);
      expect(await stage.verdict(stage.admit(ID))).toBe('held');
    }
  });

  it('given requests that were held for a start, then they are refused 0004 when it is torn down', async () => {
    const log = new ForgetfulLog();
    const stage = new Stage({}, 50, log);
    stage.registry.ensure(ID, order('Persistent'));
    const start = await stage.start();
    start.lingers = true;
    const request = stage.admit(ID);
    expect(await stage.verdict(request)).toBe('held');
    log.fault = 'gone';
    stage.registry.request(ID, 'restart requested');
    expect([stage.state(ID), await stage.verdict(request)]).toEqual(['Unhealthy', '0004']);
  });
});

describe('a config that is lost', () => {
  const records = (log: ForgetfulLog) => log.read(ID).map(({ event }) => event.type);

  it.each([
    ['is gone', 'gone' as const],
    ['is damaged', DAMAGED],
  ])(
    'given it %s, then the same config sent again is stored, once, and can be started from',
    async (_, fault) => {
      const log = new ForgetfulLog();
      const stage = new Stage({}, 50, log);
      stage.registry.declare(ID, order('Persistent'), false);
      log.fault = fault;
      for (const _again of [1, 2]) stage.registry.declare(ID, order('Persistent'), false);
      expect(records(log)).toEqual(['registered', 'reconfigured']);
      expect(verify(log.read(ID))).toBeNull();
      await stage.ready(ID, 'Persistent');
      expect(stage.state(ID)).toBe('Ready.Healthy');
    },
  );

  it('given the service serves, then nobody looks for it', async () => {
    const log = new ForgetfulLog();
    const stage = new Stage({}, 50, log);
    await stage.ready(ID, 'Persistent');
    log.fault = 'gone';
    stage.registry.ensure(ID, order('Persistent'));
    expect(records(log)).not.toContain('reconfigured');
  });
});

const demandNow = () => ({ order: null, waitMs: null, signal: new AbortController().signal });
