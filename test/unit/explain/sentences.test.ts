import { describe, expect, it } from 'vitest';
import { type ServiceSnapshot, toDurable } from '../../../src/actors/replay.ts';
import type { ServiceType } from '../../../src/actors/services.ts';
import { causeOf } from '../../../src/explain/cause.ts';
import { nextOf } from '../../../src/explain/next.ts';
import { type Seen, seenIn } from '../../../src/explain/recorded.ts';
import { whyOf } from '../../../src/explain/why.ts';
import { tell } from '../../../src/http/locales/sentences/tell.ts';
import {
  answered,
  configured,
  diverged,
  failed,
  finished,
  gated,
  type Happening,
  idle,
  lazy,
  lost,
  permitted,
  registered,
  remove,
  restart,
  type Scene,
  scenes,
  silent,
  spawned,
  start,
  stop,
  take,
  tearingDown,
  timer,
} from '../../support/machine-fixtures.ts';

/** What the record of the last of these events says. */
function seenAfter(state: ServiceSnapshot, ...events: readonly Happening[]): Seen {
  const before = take(state, ...events.slice(0, -1));
  const last = events.at(-1);
  if (last === undefined) throw new Error('there is no event');
  const at = (last.at ?? before.context.since) + 7;
  const to = toDurable(take(before, { ...last, at }));
  return seenIn({ event: { ...last, at } as never, to });
}

const cause = (state: ServiceSnapshot, ...events: readonly Happening[]) =>
  tell('en', causeOf(seenAfter(state, ...events)));
const why = (state: ServiceSnapshot, ...events: readonly Happening[]) =>
  tell('en', whyOf(seenAfter(state, ...events)));

const oneShot = (scene: Scene) => scenes[scene]('OneShot');
const persistent = (scene: Scene) => scenes[scene]('Persistent');
const decisive: Happening = { type: 'probe failed', reason: 'no answer', decisive: true };
const laneSpawned: Happening = {
  type: 'lane spawned',
  lane: 2,
  process: { pid: 9, pgid: 9, startTicks: 90 },
};
const toolsListed = (count: number, lost: readonly string[] = []): Happening => ({
  type: 'tools listed',
  hash: 'h',
  count,
  lost,
  announced: false,
});
const laneEnded: Happening = { type: 'lane ended', lane: 2, reason: 'the session has ended' };
const afterShort = (type: ServiceType) => take(scenes.Ready(type), lost);

describe('the cause of a record', () => {
  it.each<[string, ServiceSnapshot, Happening[]]>([
    [
      'Another config was stored; it takes effect at the next start',
      persistent('Asleep'),
      [configured('Persistent')],
    ],
    [
      'Another config was stored, with the type OneShot; both take effect at the next start',
      persistent('Ready'),
      [configured('OneShot')],
    ],
    ['Pending.Queued because check_status asked for a start', persistent('Asleep'), [start]],
    [
      'Pending.Queued because the API asked for a start',
      persistent('Completed'),
      [{ type: 'start requested', by: 'api' }],
    ],
    ['Unhealthy because a restart was asked for', persistent('Ready'), [restart]],
    ['Ended.Completed because a stop was asked for', persistent('Ready'), [stop]],
    ['Unhealthy because its removal was asked for', persistent('Ready'), [remove]],
    ['Removed because its removal was asked for', persistent('Asleep'), [remove]],
    ['Pending.Queued because the gateway restarted', persistent('Ready'), [gated]],
    ['Ended.Completed because the gateway restarted', oneShot('Ready'), [gated]],
    [
      'The gateway restarted; what was left of the backend is gone',
      oneShot('Stopping'),
      [{ ...gated, at: 99 }],
    ],
    [
      'Ended.Failed because its log and the gateway no longer agree: record 3 led elsewhere',
      persistent('Ready'),
      [diverged],
    ],
    ['Pending.Starting because a start permit was free', persistent('Queued'), [permitted]],
    ['The backend was spawned as process 7', persistent('Starting'), [spawned]],
    [
      'The backend was spawned as process 7: server@1.0.0 directly, without npx',
      persistent('Starting'),
      [{ ...spawned, ran: { by: 'node', package: 'server@1.0.0', script: '/x' } } as Happening],
    ],
    [
      'The backend was spawned as process 7, by npx: it is not installed yet',
      persistent('Starting'),
      [{ ...spawned, ran: { by: 'npx', because: 'it is not installed yet' } } as Happening],
    ],
    [
      'Ready.Healthy because tiny 1.2 completed the MCP handshake',
      persistent('Spawned'),
      [{ type: 'start succeeded', server: 'tiny 1.2' }],
    ],
    ['CoolingDown because the start failed: command not found', persistent('Spawned'), [failed]],
    ['Ended.Failed because the start failed: command not found', oneShot('Spawned'), [failed]],
    ['Ready.Suspect because 1 of 2 probes in a row failed: no answer', persistent('Ready'), [silent]],
    ['Ready.Healthy because a probe was answered again', persistent('Suspect'), [answered]],
    ['Unhealthy because 2 probes in a row failed: no answer', persistent('Suspect'), [silent]],
    [
      'Unhealthy because a probe failed that a request was waiting for: no answer',
      persistent('Ready'),
      [decisive],
    ],
    ['Unhealthy because the backend was lost: it exited', persistent('Ready'), [lost]],
    ['Ended.Completed because nobody used it for 300 s', oneShot('Ready'), [idle]],
    ['Pending.Asleep because nobody used it for 300 s', persistent('Ready'), [idle]],
    ['The backend lists 1 tool', persistent('Ready'), [toolsListed(1)]],
    [
      'The backend lists 2 tools; these did not come back: echo, add',
      persistent('Ready'),
      [toolsListed(2, ['echo', 'add'])],
    ],
    ['Lane 2 was spawned as process 9', persistent('Ready'), [laneSpawned]],
    ['Lane 2 ended: the session has ended', persistent('Ready'), [laneSpawned, laneEnded]],
    ['CoolingDown because every process of the backend is gone', persistent('Unhealthy'), [finished]],
    ['Every process of the backend is gone', persistent('Stopping'), [{ ...finished, at: 99 }]],
    [
      'Pending.Queued because the cooldown is over',
      persistent('CoolingDown'),
      [timer(persistent('CoolingDown'), 1000)],
    ],
  ])('%s', (expected, state, events) => {
    expect(cause(state, ...events)).toBe(expected);
  });

  it('names a registration and its type, and a change of settings', () => {
    const asleep = registered('OneShot');
    const event = {
      type: 'registered',
      serviceType: 'OneShot',
      config: 'f',
      policy: asleep.context.policy,
      at: 0,
    };
    expect(tell('en', causeOf(seenIn({ event: event as never, to: toDurable(asleep) })))).toBe(
      'Registered as a OneShot service',
    );
    const policy = { ...asleep.context.policy, cooldownMs: 5 };
    expect(cause(asleep, { type: 'policy changed', policy })).toBe("The gateway's settings have changed");
  });

  it('counts failures in a row', () => {
    const twice = take(persistent('CoolingDown'), timer(persistent('CoolingDown'), 1000), permitted);
    expect(cause(twice, failed)).toBe(
      'CoolingDown because 2 starts in a row failed or did not last: command not found',
    );
  });

  it('given an event that this version does not know, then it still says where it led', () => {
    const seen = seenAfter(persistent('Ready'), lost);
    const unknown = { ...seen, event: { type: 'moon rose', at: 1 } } as unknown as Seen;
    expect(tell('en', causeOf(unknown))).toBe('Unhealthy after "moon rose"');
  });
});

describe('why a service is in its state', () => {
  it.each<[string, ServiceSnapshot, Happening[]]>([
    ['Pending.Asleep because nobody has started it yet', persistent('Asleep'), [configured('Persistent')]],
    ['Pending.Asleep because the gateway restarted', persistent('Ready'), [lazy]],
    [
      'Pending.Asleep because nobody needs it at the moment',
      persistent('Ready'),
      [idle, { ...finished, at: 99 }],
    ],
    [
      'Pending.Queued because it restarts after this: it exited',
      persistent('CoolingDown'),
      [
        timer(persistent('CoolingDown'), 1000),
        permitted,
        { type: 'start succeeded', server: 'x' },
        { ...lost, at: 90_000 },
        finished,
      ],
    ],
    ['Pending.Starting because the backend is being started', persistent('Queued'), [permitted]],
    [
      'Pending.Starting because process 7 has not completed the MCP handshake yet',
      persistent('Starting'),
      [spawned],
    ],
    ['Ready.Healthy because the backend answers', persistent('Ready'), [laneSpawned]],
    ['Ready.Suspect because 1 of 2 probes in a row failed: no answer', persistent('Ready'), [silent]],
    ['Ready.Suspect because 1 of 2 probes in a row failed', persistent('Suspect'), [laneSpawned]],
    ['Unhealthy because it is being removed', tearingDown('Persistent', 'remove'), [remove]],
    ['Unhealthy because a stop was asked for', afterShort('Persistent'), [stop]],
    ['Unhealthy because a restart was asked for', afterShort('Persistent'), [restart]],
    ['CoolingDown because the backend was lost: it exited', persistent('Unhealthy'), [finished]],
    ['Ended.Completed because the backend was lost: it exited', oneShot('Unhealthy'), [finished]],
    ['Ended.Completed because a stop was asked for', oneShot('Stopping'), [{ ...finished, at: 99 }]],
    ['Ended.Completed because nobody used it for 300 s', oneShot('Ready'), [idle, { ...finished, at: 99 }]],
    ['Ended.Completed because the gateway restarted', oneShot('Ready'), [gated]],
    ['Removed: it was stopped and forgotten', persistent('Asleep'), [remove]],
  ])('%s', (expected, state, events) => {
    expect(why(state, ...events)).toBe(expected);
  });

  it('given starts that did not last, used up, then it says so', () => {
    const crash = (state: ServiceSnapshot): ServiceSnapshot => {
      const up = take(state, permitted, spawned, { type: 'start succeeded', server: 'x' }, lost, finished);
      return up.matches('CoolingDown') ? crash(take(up, timer(up, up.context.dueAt ?? 0))) : up;
    };
    const ended = crash(persistent('Queued'));
    const seen = seenIn({ event: { type: 'teardown finished', at: 0 }, to: toDurable(ended) });
    expect(tell('en', whyOf(seen))).toBe(
      'Ended.Failed because 4 starts in a row failed or did not last: it exited',
    );
  });
});

describe('what comes next', () => {
  const next = (state: ServiceSnapshot, idleAt: number | null = null) => {
    const found = nextOf({ to: toDurable(state), idleAt, now: 1 });
    return found && [tell('en', found.what), found.at];
  };

  it.each<[Scene, ServiceType, unknown]>([
    ['Asleep', 'Persistent', null],
    ['Queued', 'Persistent', ['It starts when a start permit is free', null]],
    ['Starting', 'OneShot', ['It is Ready when the MCP handshake is done', null]],
    ['Ready', 'Persistent', null],
    ['Suspect', 'Persistent', ['It is Unhealthy if the next probe fails, too', null]],
    ['Unhealthy', 'Persistent', ['It becomes CoolingDown when every process of the backend is gone', null]],
    ['Unhealthy', 'OneShot', ['It becomes Ended.Completed when every process of the backend is gone', null]],
    ['CoolingDown', 'Persistent', ['It restarts', 1000]],
    ['Completed', 'OneShot', null],
    ['Failed', 'Persistent', null],
  ])('%s, %s', (scene, type, expected) => {
    expect(next(scenes[scene](type))).toEqual(expected);
  });

  it.each([
    ['remove', 'Removed'],
    ['stop', 'Ended.Completed'],
    ['start', 'Pending.Queued'],
  ] as const)('Unhealthy, then %s: the machine itself is asked', (then, state) => {
    expect(next(tearingDown('Persistent', then))).toEqual([
      `It becomes ${state} when every process of the backend is gone`,
      null,
    ]);
  });

  it('Ready: whichever comes first, being idle or having been stable', () => {
    expect(next(oneShot('Ready'), 500)).toEqual(['It ends if nobody uses it until then', 500]);
    expect(next(persistent('Ready'), 500)).toEqual(['It goes to sleep if nobody uses it until then', 500]);
    const again = take(persistent('CoolingDown'), timer(persistent('CoolingDown'), 1000), permitted, spawned);
    const recovering = take(again, { type: 'start succeeded', server: 'x', at: 1000 } as Happening);
    expect(next(recovering)).toEqual(['Its earlier failures are forgotten', 6000]);
    expect(next(recovering, 9000)).toEqual(['Its earlier failures are forgotten', 6000]);
    expect(next(recovering, 3000)).toEqual(['It goes to sleep if nobody uses it until then', 3000]);
  });
});
