import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/logging/logger.ts';
import { logTransitions } from '../../src/logging/transitions.ts';
import { order, Stage } from '../support/actors-fixtures.ts';

type Line = Record<string, unknown>;

function given() {
  const stage = new Stage();
  const lines: Line[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ level: 'info', format: 'json', stream, terminal: false });
  let tid: string | undefined;
  logTransitions(stage.registry.live.events, logger, () => tid);
  const inRequest = (traceId: string, act: () => unknown) => {
    tid = traceId;
    act();
    tid = undefined;
  };
  return { stage, lines, inRequest };
}

const told = (lines: Line[]) => lines.map(({ tid, event }) => [event, tid]);

describe('a line per record', () => {
  it('given a start, then each line has id, seq, event, cause, both states, and the request that brought it about', async () => {
    const { stage, lines, inRequest } = given();
    inRequest('t1', () => stage.registry.ensure('a', order('Persistent')));
    const start = await stage.start();
    await start.spawn();
    const lane = start.succeed();
    await stage.pass(0);
    lane.lose('it exited with code 3');
    await stage.pass(0);
    expect(lines.map(({ seq }) => seq)).toEqual(stage.log.tail(0, 100).map(({ seq }) => seq));
    expect(lines.map(({ id }) => id)).toEqual(lines.map(() => 'a'));
    expect(lines.slice(0, 2)).toMatchObject([
      {
        seq: 1,
        event: 'registered',
        cause: 'registered',
        to: 'Pending.Asleep',
        msg: 'registered',
        tid: 't1',
      },
      {
        seq: 2,
        event: 'start requested',
        cause: 'asked for by check_status',
        from: 'Pending.Asleep',
        to: 'Pending.Queued',
        tid: 't1',
      },
    ]);
    expect(told(lines).slice(2, 6)).toEqual([
      ['start permitted', 't1'],
      ['spawned', 't1'],
      ['start succeeded', 't1'],
      ['backend lost', undefined],
    ]);
    expect(lines[5]).toMatchObject({
      cause: 'it exited with code 3',
      from: 'Ready.Healthy',
      to: 'Unhealthy',
    });
  });

  it('given a removal, then its line has the request that asked for it, also when it had to wait for the end of a process', async () => {
    const { stage, lines, inRequest } = given();
    await stage.ready('a', 'OneShot');
    lines.length = 0;
    inRequest('t2', () => void stage.registry.remove('a'));
    await stage.pass(0);
    expect(told(lines)).toEqual([
      ['removal requested', 't2'],
      ['teardown finished', 't2'],
    ]);
  });

  it('given a request that changes nothing, then it is no cause of what comes later', async () => {
    const { stage, lines, inRequest } = given();
    const lane = await stage.ready('a', 'Persistent');
    lines.length = 0;
    inRequest('t3', () => stage.registry.ensure('a', order('Persistent')));
    lane.lose();
    await stage.pass(0);
    expect(lines.length).toBeGreaterThan(0);
    expect(told(lines).every(([, tid]) => tid === undefined)).toBe(true);
  });

  it('given a write that fails, then the line says so, with the request', async () => {
    const { stage, lines, inRequest } = given();
    await stage.ready('a', 'Persistent');
    lines.length = 0;
    stage.space = 0;
    inRequest('t4', () => stage.registry.remove('a').catch(() => undefined));
    expect(lines).toMatchObject([{ level: 'error', tid: 't4', id: 'a', event: 'removal requested' }]);
  });
});
